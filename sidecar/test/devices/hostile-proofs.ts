import { createHmac, createPublicKey, generateKeyPairSync, sign as signBytes } from "node:crypto";
import type { ProofExpectations, ProofProblem } from "../../src/engine/devices/proof.ts";
import { base64url, createDevice, type Device, REQUEST_URL, seal } from "./forge.ts";

export interface HostileProof {
  readonly name: string;
  readonly problem: ProofProblem;
  readonly proof: string;
  readonly expected: ProofExpectations;
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P256_PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
/** The y of the point of P-256 whose x is 0. */
const Y_OF_X_0 = 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4n;
const ED25519_PRIME = 2n ** 255n - 19n;
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const ED25519_Y_OF_ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";

const expected: ProofExpectations = { requestUrl: REQUEST_URL, requestMethod: "POST" };

/** The devices that make hostile proofs. */
export interface Forgers {
  es: Device;
  ed: Device;
}

/** Proofs that must be refused, and with which word; `deadEnd` is a URL that nobody may ask for. */
export function hostileProofs(
  deadEnd: string,
  { es, ed }: Forgers = { es: createDevice("ES256"), ed: createDevice("Ed25519") },
): HostileProof[] {
  return [
    ...named("malformed", shapes(es)),
    ...named("header", headers(es, ed, deadEnd)),
    ...named("key", keys(es, ed)),
    { name: "key: another than the one that is bound", problem: "other-key", proof: es.prove(), expected: bound(ed) },
    ...named("signature", signatures(es, ed)),
    ...named("claims", claims(es)),
    ...named("method", methods(es)),
    ...named("url", urls(es)),
  ];
}

function named(problem: ProofProblem, proofs: Record<string, string>): HostileProof[] {
  return Object.entries(proofs).map(([name, proof]) => ({ name, problem, proof, expected }));
}

function bound(device: Device): ProofExpectations {
  return { ...expected, expectedThumbprint: device.thumbprint };
}

function shapes(device: Device): Record<string, string> {
  const good = device.prove();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const lastCharacter = signature.at(-1) ?? "";
  const unusedBitSet = String.fromCharCode(lastCharacter.charCodeAt(0) + 1);
  return {
    "shape: empty": "",
    "shape: two dots": "..",
    "shape: two proofs in one header": `${good}, ${device.prove()}`,
    "shape: 2 segments": `${header}.${payload}`,
    "shape: 4 segments": `${good}.`,
    "shape: 5 segments": `${good}.${payload}.${signature}`,
    "shape: no signature": `${header}.${payload}.`,
    "shape: no header": `.${payload}.${signature}`,
    "shape: padding": `${good}==`,
    "shape: space in front": ` ${good}`,
    "shape: line break behind": `${good}\n`,
    "shape: base64 instead of base64url": `${header}.${payload}.${"+/".repeat(43)}`,
    "shape: unused bit set": `${header}.${payload}.${signature.slice(0, -1)}${unusedBitSet}`,
    "shape: DPoP scheme in front": `DPoP ${good}`,
    "shape: over 8 KiB": device.prove({ claims: { filler: "x".repeat(8 * 1024) } }),
    "shape: 1 MiB of dots": ".".repeat(1024 * 1024),
  };
}

function headers(es: Device, ed: Device, deadEnd: string): Record<string, string> {
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const hmacByPublicKey = (text: string) =>
    createHmac("sha256", createPublicKey({ key: es.jwk, format: "jwk" }).export({ type: "spki", format: "der" }))
      .update(text)
      .digest();
  const forged = (header: unknown, sign = es.sign) => seal(JSON.stringify(header), JSON.stringify(es.claims()), sign);
  const good = { typ: "dpop+jwt", alg: "ES256", jwk: es.jwk };
  return {
    "header: typ is JWT": es.prove({ header: { typ: "JWT" } }),
    "header: typ in capitals": es.prove({ header: { typ: "DPoP+JWT" } }),
    "header: typ with application/": es.prove({ header: { typ: "application/dpop+jwt" } }),
    "header: no typ": es.prove({ header: { typ: undefined } }),
    "header: typ is a list": es.prove({ header: { typ: ["dpop+jwt"] } }),
    "header: alg none": es.prove({ header: { alg: "none" } }),
    "header: alg None": es.prove({ header: { alg: "None" } }),
    "header: HS256 keyed with the public key": forged({ ...good, alg: "HS256" }, hmacByPublicKey),
    "header: RS256": forged({ ...good, alg: "RS256", jwk: rsa.publicKey.export({ format: "jwk" }) }, (text) =>
      signBytes("sha256", Buffer.from(text), rsa.privateKey),
    ),
    "header: ES384": forged({ ...good, alg: "ES384", jwk: p384.publicKey.export({ format: "jwk" }) }, (text) =>
      signBytes("sha384", Buffer.from(text), { key: p384.privateKey, dsaEncoding: "ieee-p1363" }),
    ),
    "header: ES256 with a P-384 key": es.prove({ header: { jwk: p384.publicKey.export({ format: "jwk" }) } }),
    "header: ES256 with an Ed25519 key": es.prove({ header: { jwk: ed.jwk } }),
    "header: Ed25519 with a P-256 key": es.prove({ header: { alg: "Ed25519" } }),
    "header: alg inherited": es.prove({ header: { alg: "constructor" } }),
    "header: alg is a list": es.prove({ header: { alg: ["ES256"] } }),
    "header: crit": es.prove({ header: { crit: ["exp"], exp: 1 } }),
    "header: b64 false": es.prove({ header: { crit: ["b64"], b64: false } }),
    "header: b64 false without crit": es.prove({ header: { b64: false } }),
    "header: kid": es.prove({ header: { kid: "../../dev/null" } }),
    "header: jku": es.prove({ header: { jku: deadEnd } }),
    "header: jku instead of jwk": es.prove({ header: { jwk: undefined, jku: deadEnd } }),
    "header: x5u": es.prove({ header: { x5u: deadEnd } }),
    "header: x5c": es.prove({ header: { x5c: ["MII"] } }),
    "header: no jwk": es.prove({ header: { jwk: undefined } }),
    "header: jwk null": es.prove({ header: { jwk: null } }),
    "header: jwk is a list": es.prove({ header: { jwk: [es.jwk] } }),
    "header: jwk is a string": es.prove({ header: { jwk: JSON.stringify(es.jwk) } }),
    "header: symmetric jwk": es.prove({ header: { jwk: { kty: "oct", k: "AAAA" } } }),
    "header: all in __proto__": seal(`{"__proto__":${JSON.stringify(good)}}`, JSON.stringify(es.claims()), es.sign),
    "header: no JSON": seal("{", "{}", es.sign),
    "header: JSON null": forged(null),
    "header: JSON list": forged([good]),
    "header: byte order mark": seal(`\ufeff${JSON.stringify(good)}`, JSON.stringify(es.claims()), es.sign),
    "header: no UTF-8": seal(Buffer.from([0x7b, 0xff, 0x7d]), "{}", es.sign),
    "header: 5,900 levels deep": seal("[".repeat(5_900), "{}", es.sign),
  };
}

function keys(es: Device, ed: Device): Record<string, string> {
  const jwk = (members: Record<string, unknown>) => es.prove({ header: { jwk: { ...es.jwk, ...members } } });
  const edKey = (x: unknown) => ed.prove({ header: { jwk: { ...ed.jwk, x } } });
  const x = String(es.jwk.x);
  return {
    "key: private EC": es.prove({ header: { jwk: es.privateJwk } }),
    "key: private Ed25519": ed.prove({ header: { jwk: ed.privateJwk } }),
    "key: with an RSA prime": jwk({ p: "AAAA" }),
    "key: with q": jwk({ q: "AAAA" }),
    "key: with k": jwk({ k: "AAAA" }),
    "key: d null": jwk({ d: null }),
    "key: off the curve": jwk({ y: coordinate(1n) }),
    "key: point 0,0": jwk({ x: coordinate(0n), y: coordinate(0n) }),
    "key: x not below the prime": jwk({ x: coordinate(P256_PRIME), y: coordinate(Y_OF_X_0) }),
    "key: x of 31 bytes": jwk({ x: base64url(Buffer.from(x, "base64url").subarray(1)) }),
    "key: x of 33 bytes": jwk({ x: base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(x, "base64url")])) }),
    "key: x with padding": jwk({ x: `${x}=` }),
    "key: x with an unused bit set": jwk({ x: x.slice(0, -1) + String.fromCharCode(x.charCodeAt(42) + 1) }),
    "key: x is a number": jwk({ x: 1 }),
    "key: no y": jwk({ y: undefined }),
    "key: x of 3 KiB": jwk({ x: "A".repeat(4096) }),
    "key: Ed25519 of order 1": edKey(littleEndian(1n)),
    "key: Ed25519 of order 1, negative": edKey(littleEndian(1n + 2n ** 255n)),
    "key: Ed25519 of order 2": edKey(littleEndian(ED25519_PRIME - 1n)),
    "key: Ed25519 of order 4": edKey(littleEndian(0n)),
    "key: Ed25519 of order 8": edKey(base64url(Buffer.from(ED25519_Y_OF_ORDER_8, "hex"))),
    "key: Ed25519 of order 1, spelled p + 1": edKey(littleEndian(ED25519_PRIME + 1n)),
    "key: Ed25519 spelled p + 3": edKey(littleEndian(ED25519_PRIME + 3n)),
    "key: Ed25519 of 31 bytes": edKey("A".repeat(42)),
  };
}

function signatures(es: Device, ed: Device): Record<string, string> {
  const resigned = (change: (signature: Buffer) => Buffer, device = es) =>
    seal(
      JSON.stringify({ typ: "dpop+jwt", alg: device.alg, jwk: device.jwk }),
      JSON.stringify(device.claims()),
      (text) => change(device.sign(text)),
    );
  const r = (value: bigint) => resigned((signature) => Buffer.concat([number(value), signature.subarray(32)]));
  const s = (value: bigint) => resigned((signature) => Buffer.concat([signature.subarray(0, 32), number(value)]));
  const der = (signature: Buffer) => {
    const parts = [signature.subarray(0, 32), signature.subarray(32)].map((part) =>
      Buffer.concat([Buffer.from([2, 33, 0]), part]),
    );
    return Buffer.concat([Buffer.from([0x30, 70]), ...parts]);
  };
  const [header, , signature] = es.prove().split(".");
  const plusOrder = (signature: Buffer) => {
    const value = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + ED25519_ORDER;
    return Buffer.concat([signature.subarray(0, 32), number(value).reverse()]);
  };
  return {
    "signature: DER": resigned(der),
    "signature: r = 0": r(0n),
    "signature: s = 0": s(0n),
    "signature: r = n": r(P256_ORDER),
    "signature: s = n": s(P256_ORDER),
    "signature: r = s = n + 1": resigned(() => Buffer.concat([number(P256_ORDER + 1n), number(P256_ORDER + 1n)])),
    "signature: all zero": resigned(() => Buffer.alloc(64)),
    "signature: all ones": resigned(() => Buffer.alloc(64, 255)),
    "signature: 63 bytes": resigned((signature) => signature.subarray(1)),
    "signature: 65 bytes": resigned((signature) => Buffer.concat([signature, Buffer.alloc(1)])),
    "signature: of another payload": `${header}.${base64url(JSON.stringify(es.claims()))}.${signature}`,
    "signature: by another key": es.prove({ header: { jwk: createDevice().jwk } }),
    "signature: Ed25519 by another key": ed.prove({ header: { jwk: createDevice("Ed25519").jwk } }),
    "signature: Ed25519 with s + l": resigned(plusOrder, ed),
    "signature: Ed25519 off the curve": ed.prove({ header: { jwk: { ...ed.jwk, x: littleEndian(2n) } } }),
  };
}

function claims(device: Device): Record<string, string> {
  const header = JSON.stringify({ typ: "dpop+jwt", alg: device.alg, jwk: device.jwk });
  const spelled = (payload: string | Buffer) => seal(header, payload, device.sign);
  const good = JSON.stringify(device.claims());
  const claim = (name: string, value: unknown) => device.prove({ claims: { [name]: value } });
  return {
    "claims: iat is text": claim("iat", "123"),
    "claims: iat 1e308": spelled(good.replace("1800000000", "1e308")),
    "claims: iat 1e999": spelled(good.replace("1800000000", "1e999")),
    "claims: iat negative": claim("iat", -1),
    "claims: iat 1.5": claim("iat", 1.5),
    "claims: iat null": claim("iat", null),
    "claims: no iat": claim("iat", undefined),
    "claims: jti is an object": claim("jti", {}),
    "claims: jti is a number": claim("jti", 1),
    "claims: jti empty": claim("jti", ""),
    "claims: no jti": claim("jti", undefined),
    "claims: jti with NUL": claim("jti", "a\0b"),
    "claims: jti with half a surrogate pair": spelled(good.replace(/"jti":"[^"]+"/, '"jti":"\\ud800"')),
    "claims: jti of 257 characters": claim("jti", "j".repeat(257)),
    "claims: htu is a list": claim("htu", [REQUEST_URL]),
    "claims: no htu": claim("htu", undefined),
    "claims: htm is a list": claim("htm", ["POST"]),
    "claims: no htm": claim("htm", undefined),
    "claims: nonce is a list": claim("nonce", ["challenge"]),
    "claims: nonce empty": claim("nonce", ""),
    "claims: no nonce": claim("nonce", undefined),
    "claims: all in __proto__": spelled(`{"__proto__":${good}}`),
    "claims: list": spelled(`[${good}]`),
    "claims: null": spelled("null"),
    "claims: no JSON": spelled("jti=1"),
    "claims: no UTF-8": spelled(Buffer.from([0x22, 0xff, 0x22])),
    "claims: 1,000 levels deep": spelled(`{"a":`.repeat(1_000)),
  };
}

function methods(device: Device): Record<string, string> {
  const spellings = ["GET", "post", "Post", "POST ", "POST,GET", "POS\u0422"];
  return Object.fromEntries(
    spellings.map((htm) => [`method: ${JSON.stringify(htm)}`, device.prove({ claims: { htm } })]),
  );
}

function urls(device: Device): Record<string, string> {
  const spellings = [
    "https://evil.example/api/notes",
    "http://app.example.com/api/notes",
    "https://app.example.com:8443/api/notes",
    "https://app.example.com/api%2Fnotes",
    "https://app.example.com//api/notes",
    "https://app.example.com/api/notes/",
    "https://ann:pw@app.example.com/api/notes",
    "https://app.example.com@evil.example/api/notes",
    "/api/notes",
    "javascript:alert(1)",
    `https://app.example.com/${"../".repeat(1_500)}`,
    `https://app.example.com/${"%41".repeat(1_500)}`,
  ];
  return Object.fromEntries(spellings.map((htu) => [`url: ${htu.slice(0, 50)}`, device.prove({ claims: { htu } })]));
}

function number(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

function coordinate(value: bigint): string {
  return base64url(number(value));
}

function littleEndian(value: bigint): string {
  return base64url(number(value).reverse());
}
