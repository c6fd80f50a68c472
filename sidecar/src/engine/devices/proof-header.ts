import { LRUCache } from "lru-cache";
import { decodeBase64Url } from "./base64url.ts";
import { isObject, parseObject } from "./json-object.ts";
import { type DeviceJwk, type DeviceKey, importDeviceKey, readDeviceJwk } from "./public-key.ts";

export type DeviceAlgorithm = "ES256" | "Ed25519" | "EdDSA";

/** What the header of a proof says: the key that it claims to be signed by, imported. */
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

/** They name other keys, or change what is signed (RFC 7515 section 4.1, RFC 7797). A proof needs none of them. */
const FORBIDDEN = ["jku", "kid", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64"];

/**
 * A device sends the same header with each proof, and to import its key costs a third of a verification. About 2 KiB each.
 */
const known = new LRUCache<string, ProofHeader>({ max: 10_000 });
const KEPT_CHARS_MAX = 512;

/** Reads the header of a proof as it stands in the compact JWT. Any text may be passed. */
export async function readProofHeader(encoded: string): Promise<ProofHeader | HeaderProblem> {
  return known.get(encoded) ?? read(encoded);
}

/** Keeps what was read. To be called once the key has verified something: else anyone could flush the cache with junk. */
export function keepProofHeader(encoded: string, header: ProofHeader): void {
  if (encoded.length > KEPT_CHARS_MAX || known.peek(encoded) === header) return;
  // A copy: a part of a string keeps the whole of it in memory.
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
