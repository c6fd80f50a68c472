import { LIMITS, type SignedDeviceChallenge } from "./contract/index.ts";
import { type Addressed, publicPathOf } from "./paths.ts";
import type { RequestView } from "./request.ts";
import type { Session } from "./session.ts";

/** What a request says of its device: nothing, a proof for the sidecar to check, or something beyond all bounds. */
export type PresentedProof =
  | { readonly kind: "none" }
  | { readonly kind: "proof"; readonly proof: SignedDeviceChallenge }
  | { readonly kind: "unusable" };

/**
 * How strong the evidence is that a request comes from the session's device. `proof`: this very request was signed by its
 * key. `recent`: the device cookie, which a proof earned a short while ago. `none`: the session has no device, or the
 * application ignores devices.
 */
export type DeviceEvidence = "proof" | "recent" | "none";

/** The evidence that a session with a device needs. */
export type DeviceDemand = "proof" | "recent" | "off";

const NONE: PresentedProof = { kind: "none" };

/**
 * Reads the `DPoP` header (RFC 9449) together with what its proof must have been made for. Two headers arrive joined by
 * a comma, which the sidecar refuses as no single proof.
 */
export function readProof(view: RequestView, addressed: () => Addressed): PresentedProof {
  const signedDeviceChallenge = view.header("dpop");
  if (signedDeviceChallenge === undefined) return NONE;
  const address = addressed();
  if (address.publicUrl === undefined) {
    warnOnce();
    return NONE;
  }
  // `htu` has no query and no fragment; joined as text, so that no target can name another host.
  const requestUrl = address.publicUrl.origin + publicPathOf(address);
  if (signedDeviceChallenge.length > LIMITS.proofChars || requestUrl.length > LIMITS.stringChars) {
    return { kind: "unusable" };
  }
  return { kind: "proof", proof: { signedDeviceChallenge, requestUrl, requestMethod: view.method } };
}

/** Whether the evidence of a session is what is demanded. A session without a device has nothing to show. */
export function meetsDemand({ hasDeviceRegistered, deviceEvidence }: Session, demand: DeviceDemand): boolean {
  return !hasDeviceRegistered || demand === "off" || isAtLeast(deviceEvidence, demand);
}

export function isAtLeast(evidence: DeviceEvidence, demand: "proof" | "recent"): boolean {
  return evidence === "proof" || (evidence === "recent" && demand === "recent");
}

let warned = false;

function warnOnce(): void {
  if (warned) return;
  warned = true;
  console.warn("byo-session: a request carries a device proof, but `publicUrl` is not set, so proofs are left unread");
}
