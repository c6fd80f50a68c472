import { LRUCache } from "lru-cache";
import { decodeBase64Url } from "./base64url.ts";
import { isObject, parseObject } from "./json-object.ts";
import { type DeviceJwk, type DeviceKey, importDeviceKey, readDeviceJwk } from "./public-key.ts";

export type DeviceAlgorithm = "ES256" | "Ed25519" | "EdDSA";

/** The header of a proof: the imported key that it claims to be signed by. */
export interface ProofHeader {
  readonly alg: DeviceAlgorithm;
  readonly deviceKey: DeviceKey;
}

export type HeaderProblem = "malformed" | "header" | "key";

const ALGORITHMS: readonly { alg: DeviceAlgorithm; kty: DeviceJwk["kty"]; crv: DeviceJwk["crv"] }[] = [
  { alg: "ES256", kty: "EC", crv: "P-256" },
  { alg: "Ed25519", kty: "OKP", crv: "Ed25519" },
  { alg: "EdDSA", kty: "OKP", crv: "Ed25519" },
];

/** These members name other keys or change what is signed (RFC 7515 section 4.1, RFC 7797); no proof needs them. */
const FORBIDDEN = ["jku", "kid", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64"];

/**
 * A device sends the same header with each proof, and importing its key costs a third of a verification. About 2 KiB
 * each.
 */
const known = new LRUCache<string, ProofHeader>({ max: 10_000 });
const MAX_KEPT_CHARS = 512;

/** Reads the encoded header of a proof's compact JWT. Any text may be passed. */
export async function readProofHeader(encoded: string): Promise<ProofHeader | HeaderProblem> {
  return known.get(encoded) ?? read(encoded);
}

/**
 * Caches a header. Call it only after its key has verified a proof: otherwise anyone could fill the cache with junk.
 */
export function keepProofHeader(encoded: string, header: ProofHeader): void {
  if (encoded.length > MAX_KEPT_CHARS || known.peek(encoded) === header) return;
  // Copied: a substring keeps the whole string in memory.
  known.set(Buffer.from(encoded).toString(), header);
}

async function read(encoded: string): Promise<ProofHeader | HeaderProblem> {
  const bytes = decodeBase64Url(encoded);
  if (!bytes) return "malformed";
  const members = parseObject(bytes);
  if (members?.typ !== "dpop+jwt" || !isObject(members.jwk)) return "header";
  if (FORBIDDEN.some((name) => name in members)) return "header";
  const { jwk } = members;
  const algorithm = ALGORITHMS.find(({ alg }) => alg === members.alg);
  if (!algorithm || jwk.kty !== algorithm.kty || jwk.crv !== algorithm.crv) return "header";
  const publicKey = readDeviceJwk(jwk);
  const deviceKey = publicKey && (await importDeviceKey(publicKey));
  return deviceKey ? { alg: algorithm.alg, deviceKey } : "key";
}
