import { generateProof } from "dpop";

/** A proof of the key for this request (RFC 9449 section 4.2); the challenge makes it fresh, not the clock. */
export function signProof(keyPair: CryptoKeyPair, request: Request, challenge: string): Promise<string> {
  const { origin, pathname } = new URL(request.url);
  return generateProof(keyPair, origin + pathname, request.method, challenge);
}
