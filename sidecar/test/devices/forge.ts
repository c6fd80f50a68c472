import { createHash, generateKeyPairSync, randomUUID, sign as signBytes } from "node:crypto";

export const REQUEST_URL = "https://app.example.com/api/notes";

type Json = Record<string, unknown>;

export interface Device {
  readonly alg: "ES256" | "Ed25519";
  readonly jwk: Json;
  readonly privateJwk: Json;
  readonly thumbprint: string;
  /** The raw signature over the text: 64 bytes for both algorithms. */
  sign(text: string): Buffer;
  /** The claims of a good proof. */
  claims(): Json;
  /** A valid proof except for the changes; `undefined` removes a member. */
  prove(changes?: { header?: Json; claims?: Json }): string;
}

/** A device whose key signs anything, so that only the part under test is wrong. All its proofs use one challenge. */
export function createDevice(alg: "ES256" | "Ed25519" = "ES256", challenge = "challenge"): Device {
  const { privateKey, publicKey } =
    alg === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const jwk = publicKey.export({ format: "jwk" });
  const { crv, kty, x, y } = jwk;
  const sign = (text: string) =>
    signBytes(alg === "ES256" ? "sha256" : null, Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return {
    alg,
    jwk: { ...jwk },
    privateJwk: { ...privateKey.export({ format: "jwk" }) },
    // JSON leaves the y of an Ed25519 key out: it is undefined.
    thumbprint: createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url"),
    sign,
    claims: goodClaims,
    prove: ({ header, claims } = {}) =>
      seal(
        JSON.stringify({ typ: "dpop+jwt", alg, jwk, ...header }),
        JSON.stringify({ ...goodClaims(), ...claims }),
        sign,
      ),
  };

  function goodClaims(): Json {
    return { jti: randomUUID(), htm: "POST", htu: REQUEST_URL, iat: 1_800_000_000, nonce: challenge };
  }
}

/** Signs header and payload as they are, which need not be JSON. */
export function seal(header: string | Buffer, payload: string | Buffer, sign: (text: string) => Buffer): string {
  const text = `${base64url(header)}.${base64url(payload)}`;
  return `${text}.${base64url(sign(text))}`;
}

export function base64url(data: string | Buffer): string {
  return Buffer.from(data).toString("base64url");
}
