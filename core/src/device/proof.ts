import { LIMITS, type SignedDeviceChallenge } from "../contract/index.ts";
import { type AddressedRequest, addressedOf, publicPathOf } from "../paths/paths.ts";

/** What a request shows of its device: nothing, a proof for the sidecar to check, or an oversized header. */
export type PresentedProof =
  | { readonly kind: "none" }
  | { readonly kind: "proof"; readonly proof: SignedDeviceChallenge }
  | { readonly kind: "unusable" };

const NONE: PresentedProof = { kind: "none" };

/**
 * Reads the `DPoP` header (RFC 9449), with the URL and method that its proof must match. Two headers arrive joined by
 * a comma, which the sidecar refuses because it is not a single proof.
 */
export function readProof<N>(request: AddressedRequest<N>): PresentedProof {
  const { view } = request;
  const signedDeviceChallenge = view.header("dpop");
  if (signedDeviceChallenge === undefined) return NONE;
  const address = addressedOf(request);
  if (address.publicUrl === undefined) {
    warnOnce();
    return NONE;
  }
  // `htu` has no query and no fragment. It is joined as text, so that no target can name another host.
  const requestUrl = address.publicUrl.origin + publicPathOf(address);
  if (signedDeviceChallenge.length > LIMITS.proofChars || requestUrl.length > LIMITS.stringChars) {
    return { kind: "unusable" };
  }
  return { kind: "proof", proof: { signedDeviceChallenge, requestUrl, requestMethod: view.method } };
}

let warned = false;

function warnOnce(): void {
  if (warned) return;
  warned = true;
  console.warn("byo-session: a request carries a device proof, but `publicUrl` is not set, so proofs are ignored");
}
