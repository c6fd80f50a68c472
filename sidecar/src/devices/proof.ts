import { isStorableText, LIMITS } from "@byo-session/core/contract";
import { compactVerify } from "jose";
import { decodeBase64Url } from "./base64url.ts";
import { type DeviceJwk, importDeviceKey, keepDeviceKey, readDeviceJwk } from "./public-key.ts";
import { isSameRequestUrl } from "./request-url.ts";

/** Why a proof is refused, in the order in which it is examined. Each is a stable word for the audit trail. */
export type ProofProblem = "malformed" | "header" | "key" | "other-key" | "signature" | "claims" | "method" | "url";

export interface ProofExpectations {
  /** RFC 7638 thumbprint of the key that must have signed. Absent: any good key. */
  expectedThumbprint?: string | undefined;
  /** The public URL of the request that carried the proof. Absent: `htu` is not compared. */
  requestUrl?: string | undefined;
  /** The method of the request that carried the proof. Absent: `htm` is not compared. */
  requestMethod?: string | undefined;
}

export type DeviceAlgorithm = "ES256" | "Ed25519" | "EdDSA";

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

const JTI_CHARS_MAX = 256;
const SIGNATURE_BYTES = 64;
const ALGORITHMS: readonly { alg: DeviceAlgorithm; kty: DeviceJwk["kty"]; crv: DeviceJwk["crv"] }[] = [
  { alg: "ES256", kty: "EC", crv: "P-256" },
  { alg: "Ed25519", kty: "OKP", crv: "Ed25519" },
  { alg: "EdDSA", kty: "OKP", crv: "Ed25519" },
];

/** They name other keys, or change what is signed (RFC 7515 section 4.1, RFC 7797). A proof needs none of them. */
const FORBIDDEN_HEADERS = ["jku", "kid", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64"];

/**
 * Verifies a signed device challenge: a DPoP proof (RFC 9449 section 4.3) by ES256 or Ed25519. Any text may be passed;
 * what is not a good proof is answered with the first problem found and never throws. Whether its `nonce` is a living
 * challenge, and its `jti` new, is left to the caller. `iat` is no clock: freshness is the challenge's (item 11).
 */
export async function verifySignedChallenge(compactJwt: string, expected: ProofExpectations = {}): Promise<ProofCheck> {
  if (compactJwt.length > LIMITS.proofChars) return refuse("malformed");
  const [header, payload, signature, ...more] = compactJwt.split(".", 4);
  if (!header || !payload || !signature || more.length > 0) return refuse("malformed");
  const headerBytes = decodeBase64Url(header);
  const payloadBytes = decodeBase64Url(payload);
  const signatureBytes = decodeBase64Url(signature);
  if (!headerBytes || !payloadBytes || !signatureBytes) return refuse("malformed");

  const headers = parseObject(headerBytes);
  if (headers?.typ !== "dpop+jwt" || !isObject(headers.jwk)) return refuse("header");
  if (FORBIDDEN_HEADERS.some((name) => name in headers)) return refuse("header");
  const algorithm = ALGORITHMS.find(({ alg }) => alg === headers.alg);
  if (!algorithm || headers.jwk.kty !== algorithm.kty || headers.jwk.crv !== algorithm.crv) return refuse("header");

  const jwk = readDeviceJwk(headers.jwk);
  const deviceKey = jwk && (await importDeviceKey(jwk));
  if (!deviceKey) return refuse("key");
  const { thumbprint } = deviceKey;
  if (expected.expectedThumbprint !== undefined && thumbprint !== expected.expectedThumbprint) {
    return refuse("other-key");
  }

  const { alg } = algorithm;
  if (signatureBytes.length !== SIGNATURE_BYTES) return refuse("signature");
  if (!(await isSignedBy(deviceKey.key, alg, compactJwt))) return refuse("signature");
  keepDeviceKey(deviceKey);

  const { jti, htm, htu, iat, nonce } = parseObject(payloadBytes) ?? {};
  if (!isText(jti) || jti.length > JTI_CHARS_MAX || !isStorableText(jti)) return refuse("claims");
  if (!isText(htm) || !isText(htu) || !isText(nonce)) return refuse("claims");
  if (typeof iat !== "number" || !Number.isSafeInteger(iat) || iat < 0) return refuse("claims");
  if (expected.requestMethod !== undefined && htm !== expected.requestMethod) return refuse("method");
  if (expected.requestUrl !== undefined && !isSameRequestUrl(htu, expected.requestUrl)) return refuse("url");
  return { ok: true, alg, jwk: deviceKey.jwk, thumbprint, jti, nonce };
}

function refuse(problem: ProofProblem): ProofCheck {
  return { ok: false, problem };
}

async function isSignedBy(key: Parameters<typeof compactVerify>[1], alg: string, compactJwt: string): Promise<boolean> {
  try {
    await compactVerify(compactJwt, key, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The object that JSON text spells. Without a prototype, so that no member can be inherited or set one. */
function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isObject(value) ? Object.assign(Object.create(null), value) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
