import { LIMITS, type SignedDeviceChallenge } from "./contract/index.ts";
import { isPageNavigation, pathOfTarget, type RequestView } from "./request.ts";

/** What a request says of its device: nothing, a proof for the sidecar to check, or something beyond all bounds. */
export type PresentedProof =
  | { readonly kind: "none" }
  | { readonly kind: "proof"; readonly proof: SignedDeviceChallenge }
  | { readonly kind: "unusable" };

const NONE: PresentedProof = { kind: "none" };

/**
 * Reads the `DPoP` header (RFC 9449) together with what its proof must have been made for. Two headers arrive joined by
 * a comma, which the sidecar refuses as no single proof.
 */
export function readProof(view: RequestView, publicUrl: () => string | undefined): PresentedProof {
  const signedDeviceChallenge = view.header("dpop");
  if (signedDeviceChallenge === undefined) return NONE;
  const base = publicUrl();
  if (base === undefined) {
    warnOnce();
    return NONE;
  }
  // `htu` has no query and no fragment; joined as text, so that no target can name another host.
  const requestUrl = base + pathOfTarget(view.target);
  if (signedDeviceChallenge.length > LIMITS.proofChars || requestUrl.length > LIMITS.stringChars) {
    return { kind: "unusable" };
  }
  return { kind: "proof", proof: { signedDeviceChallenge, requestUrl, requestMethod: view.method } };
}

/**
 * Whether a request without a proof may read the session of a device all the same. Page loads cannot carry the header;
 * so a thief of the cookie can load pages too, unless the application refuses them.
 */
export function mayGoUnverified(
  view: RequestView,
  settings: { enforceDevices: boolean; allowUnverifiedNavigations: boolean },
): boolean {
  return !settings.enforceDevices || (settings.allowUnverifiedNavigations && isPageNavigation(view));
}

let warned = false;

function warnOnce(): void {
  if (warned) return;
  warned = true;
  console.warn("byo-session: a request carries a device proof, but `publicUrl` is not set, so proofs are left unread");
}
