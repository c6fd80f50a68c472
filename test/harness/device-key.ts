import { generateKeyPairSync, randomUUID, sign } from "node:crypto";

export interface ProofClaims {
  challenge: string;
  url: string;
  method: string;
}

export interface DeviceKey {
  /** A DPoP proof (RFC 9449, section 4.2) over a challenge. */
  prove(claims: ProofClaims): string;
}

/** A browser's P-256 key, with nothing of the product's own code in between. */
export function createDeviceKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  const header = encode({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } });
  return {
    prove({ challenge, url, method }) {
      const iat = Math.floor(Date.now() / 1000);
      const payload = encode({ jti: randomUUID(), htm: method, htu: url, iat, nonce: challenge });
      const signature = sign("sha256", Buffer.from(`${header}.${payload}`), {
        key: privateKey,
        dsaEncoding: "ieee-p1363",
      });
      return `${header}.${payload}.${signature.toString("base64url")}`;
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
