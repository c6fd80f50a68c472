import { errors, type JWTVerifyGetKey } from "jose";
import { publishedKeys } from "./published-keys.ts";

/**
 * Verifies something with the keys at an address. If the signature does not fit, it tries once more with keys that are
 * fetched again: the issuer may have replaced a key and kept its id.
 */
export async function verifyPublished<T>(
  jwksUrl: string | URL,
  verify: (keys: JWTVerifyGetKey) => Promise<T>,
): Promise<T> {
  const keys = publishedKeys(jwksUrl);
  const startMs = performance.now();
  try {
    return await verify(keys.get);
  } catch (error) {
    const isBadSignature = [error, Object(error).cause].some(
      (each) => each instanceof errors.JWSSignatureVerificationFailed,
    );
    if (isBadSignature && (await keys.renewSince(startMs))) return verify(keys.get);
    throw error;
  }
}
