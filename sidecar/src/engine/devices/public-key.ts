import { createHash, KeyObject } from "node:crypto";
import { importJWK } from "jose";
import { decodeBase64Url } from "./base64url.ts";

/** A device's public key, with only the members that RFC 7638 hashes, each in its canonical spelling. */
export type DeviceJwk =
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string }
  | { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string };

export interface DeviceKey {
  readonly jwk: DeviceJwk;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  readonly key: KeyObject;
}

const COORDINATE_BYTES = 32;

/** Members of RFC 7518 and 8037 that only a private or a symmetric key has. */
const SECRET_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/**
 * The y coordinates (little-endian, without the sign bit) of the Ed25519 points of small order. For these there are
 * signatures that fit many messages, so they would identify no device (RFC 8032, section 8.9).
 */
const SMALL_ORDER_YS = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/**
 * Reads the `jwk` of a proof whose header names `kty` and `crv` as expected. Undefined when it is not a public key in
 * its canonical encoding. The thumbprint is that of the canonical key, so one key cannot appear as two devices.
 */
export function readDeviceJwk(jwk: Record<string, unknown>): DeviceJwk | undefined {
  if (SECRET_MEMBERS.some((member) => Object.hasOwn(jwk, member))) return undefined;
  const { kty, crv, x, y } = jwk;
  if (kty === "EC" && crv === "P-256") {
    return isCoordinate(x) && isCoordinate(y) ? { kty, crv, x, y } : undefined;
  }
  if (kty === "OKP" && crv === "Ed25519") return isCoordinate(x) && isEd25519Point(x) ? { kty, crv, x } : undefined;
  return undefined;
}

/**
 * Imports a key. Undefined when its point is not on the curve or a coordinate is not below the field's prime. (OpenSSL
 * looks at P-256 here and at Ed25519 only when it verifies: there such a key fails as a bad signature.)
 */
export async function importDeviceKey(jwk: DeviceJwk): Promise<DeviceKey | undefined> {
  try {
    const key = await importJWK(jwk, jwk.kty === "EC" ? "ES256" : "Ed25519");
    if (key instanceof Uint8Array) return undefined;
    return { jwk, thumbprint: thumbprintOf(jwk), key: KeyObject.from(key) };
  } catch {
    return undefined;
  }
}

/** RFC 7638, section 3: the required members in alphabetical order. (jose's own takes a trip over its thread pool.) */
function thumbprintOf(jwk: DeviceJwk): string {
  const { crv, kty, x } = jwk;
  const members = jwk.kty === "EC" ? { crv, kty, x, y: jwk.y } : { crv, kty, x };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

function isCoordinate(value: unknown): value is string {
  return typeof value === "string" && value.length <= 64 && decodeBase64Url(value)?.length === COORDINATE_BYTES;
}

function isEd25519Point(x: string): boolean {
  const bytes = Buffer.from(x, "base64url");
  bytes.writeUInt8(bytes.readUInt8(COORDINATE_BYTES - 1) & 0x7f, COORDINATE_BYTES - 1);
  const littleEndian = bytes.toString("hex");
  // 2^255 - 19 and above are second spellings of small numbers.
  const isCanonical = !(littleEndian.slice(2) === `${"ff".repeat(30)}7f` && bytes.readUInt8(0) >= 0xed);
  return isCanonical && !SMALL_ORDER_YS.has(littleEndian);
}
