import { type KeyObject, verify } from "node:crypto";
import { isStorableText, LIMITS } from "@byo-session/core/contract";
import { joseToDer } from "ecdsa-sig-formatter";
import { decodeBase64Url } from "./base64url.ts";
import { parseObject } from "./json-object.ts";
import { type DeviceAlgorithm, type HeaderProblem, keepProofHeader, readProofHeader } from "./proof-header.ts";
import type { DeviceJwk } from "./public-key.ts";
import { isSameRequestUrl } from "./request-url.ts";

/** Why a proof is refused, in the order of the checks. Each is a stable word for the audit trail. */
export type ProofProblem = HeaderProblem | "other-key" | "signature" | "claims" | "method" | "url";

export interface ProofExpectations {
  /** RFC 7638 thumbprint of the key that must have signed. Absent: any good key. */
  expectedThumbprint?: string | undefined;
  /** The public URL of the request that carried the proof. Absent: `htu` is not compared. */
  requestUrl?: string | undefined;
  /** The method of the request that carried the proof. Absent: `htm` is not compared. */
  requestMethod?: string | undefined;
}

export type ProofCheck =
  | {
      readonly ok: true;
      readonly alg: DeviceAlgorithm;
      readonly jwk: DeviceJwk;
      /** RFC 7638, SHA-256, base64url: 43 characters. */
      readonly thumbprint: string;
      /** 1 to 256 characters that a database can store. */
      readonly jti: string;
      /** The challenge as the client sent it: not judged here. */
      readonly nonce: string;
    }
  | { readonly ok: false; readonly problem: ProofProblem };

const MAX_JTI_CHARS = 256;
const SIGNATURE_BYTES = 64;

/**
 * Verifies a signed device challenge: a DPoP proof (RFC 9449 section 4.3) by ES256 or Ed25519. Any text may be passed:
 * it never throws, but returns the first problem found. The caller checks that `nonce` is a valid challenge and `jti`
 * is new. `iat` is not checked: the challenge proves freshness (item 11).
 */
export async function verifySignedChallenge(compactJwt: string, expected: ProofExpectations = {}): Promise<ProofCheck> {
  if (compactJwt.length > LIMITS.proofChars) return refuse("malformed");
  const [header, payload, signature, ...more] = compactJwt.split(".", 4);
  if (!header || !payload || !signature || more.length > 0) return refuse("malformed");
  const payloadBytes = decodeBase64Url(payload);
  const signatureBytes = decodeBase64Url(signature);
  if (!payloadBytes || !signatureBytes) return refuse("malformed");

  const proofHeader = await readProofHeader(header);
  if (typeof proofHeader === "string") return refuse(proofHeader);
  const { alg, deviceKey } = proofHeader;
  const { jwk, thumbprint } = deviceKey;
  if (expected.expectedThumbprint !== undefined && thumbprint !== expected.expectedThumbprint) {
    return refuse("other-key");
  }

  if (signatureBytes.length !== SIGNATURE_BYTES) return refuse("signature");
  const signed = Buffer.from(compactJwt.slice(0, header.length + 1 + payload.length), "latin1");
  if (!isSignedBy(deviceKey.key, alg, signed, signatureBytes)) return refuse("signature");
  keepProofHeader(header, proofHeader);

  const { jti, htm, htu, iat, nonce } = parseObject(payloadBytes) ?? {};
  if (!isText(jti) || jti.length > MAX_JTI_CHARS || !isStorableText(jti)) return refuse("claims");
  if (!isText(htm) || !isText(htu) || !isText(nonce)) return refuse("claims");
  if (typeof iat !== "number" || !Number.isSafeInteger(iat) || iat < 0) return refuse("claims");
  if (expected.requestMethod !== undefined && htm !== expected.requestMethod) return refuse("method");
  if (expected.requestUrl !== undefined && !isSameRequestUrl(htu, expected.requestUrl)) return refuse("url");
  return { ok: true, alg, jwk, thumbprint, jti, nonce };
}

function refuse(problem: ProofProblem): ProofCheck {
  return { ok: false, problem };
}

/**
 * Synchronous instead of on the thread pool: the hand-over takes about as long as the verification, and each result
 * would arrive in its own turn of the event loop, so proofs could not share a statement (ADR 22).
 */
function isSignedBy(key: KeyObject, alg: DeviceAlgorithm, signed: Buffer, signature: Buffer): boolean {
  try {
    return alg === "ES256"
      ? verify("sha256", signed, key, joseToDer(signature, alg))
      : verify(null, signed, key, signature);
  } catch {
    return false;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
