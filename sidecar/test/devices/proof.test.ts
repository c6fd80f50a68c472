import { describe, expect, it } from "vitest";
import { verifySignedChallenge } from "../../src/engine/devices/proof.ts";
import { createDevice, REQUEST_URL, seal } from "./forge.ts";

describe("a good proof", () => {
  it.each(["ES256", "Ed25519", "EdDSA"] as const)("by %s tells its key, jti and challenge", async (alg) => {
    const device = createDevice(alg === "ES256" ? "ES256" : "Ed25519");
    const { kty, crv, x, y } = device.jwk;
    const check = await verifySignedChallenge(device.prove({ header: { alg }, claims: { jti: "j1", nonce: "n1" } }), {
      expectedThumbprint: device.thumbprint,
      requestUrl: REQUEST_URL,
      requestMethod: "POST",
    });
    expect(check).toEqual({
      ok: true,
      alg,
      jwk: kty === "EC" ? { kty, crv, x, y } : { kty, crv, x },
      thumbprint: device.thumbprint,
      jti: "j1",
      nonce: "n1",
    });
  });

  it("may be presented again: the caller decides whether its jti is new", async () => {
    const proof = createDevice().prove();
    expect((await verifySignedChallenge(proof)).ok).toBe(true);
    expect((await verifySignedChallenge(proof)).ok).toBe(true);
  });

  it("does not vouch for the next one with the same header", async () => {
    const [device, other] = [createDevice(), createDevice()];
    const proof = device.prove();
    expect(await verifySignedChallenge(proof)).toMatchObject({ ok: true });
    const text = proof.slice(0, proof.lastIndexOf("."));
    const forged = `${text}.${other.sign(text).toString("base64url")}`;
    expect(await verifySignedChallenge(forged)).toEqual({ ok: false, problem: "signature" });
  });

  it("needs no request to be compared with", async () => {
    const proof = createDevice().prove({ claims: { htm: "TRACE", htu: "https://elsewhere.example/" } });
    expect(await verifySignedChallenge(proof)).toMatchObject({ ok: true });
  });

  it.each([
    ["1970", 0],
    ["hours behind", 1_700_000_000],
    ["the year 9999", 253_402_300_799],
  ])("comes from a clock in %s: freshness is the challenge's", async (_name, iat) => {
    expect(await verifySignedChallenge(createDevice().prove({ claims: { iat } }))).toMatchObject({ ok: true });
  });

  it("may carry what WebCrypto exports beside the key, and claims that we do not know", async () => {
    const device = createDevice();
    const proof = device.prove({
      header: { jwk: { ...device.jwk, ext: true, key_ops: ["verify"] }, "x-unknown": 1 },
      claims: { ath: "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo", exp: 1 },
    });
    expect(await verifySignedChallenge(proof)).toMatchObject({ ok: true, thumbprint: device.thumbprint });
  });

  it("pollutes nothing", async () => {
    const device = createDevice();
    const claims = JSON.stringify(device.claims()).replace("{", '{"__proto__":{"polluted":1},');
    const proof = seal(JSON.stringify({ typ: "dpop+jwt", alg: "ES256", jwk: device.jwk }), claims, device.sign);
    expect(await verifySignedChallenge(proof)).toMatchObject({ ok: true });
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});

describe("the first problem is the reported one", () => {
  it("names another key before the signature, the claims and the request", async () => {
    const proof = createDevice().prove({ claims: { htm: "GET", jti: 1 } });
    const badlySigned = `${proof.slice(0, -86)}${"A".repeat(86)}`;
    const expected = { expectedThumbprint: createDevice().thumbprint, requestMethod: "POST" };
    expect(await verifySignedChallenge(badlySigned, expected)).toEqual({ ok: false, problem: "other-key" });
    expect(await verifySignedChallenge(badlySigned)).toEqual({ ok: false, problem: "signature" });
    expect(await verifySignedChallenge(proof, { requestMethod: "POST" })).toEqual({ ok: false, problem: "claims" });
  });

  it("names the method before the URL", async () => {
    const proof = createDevice().prove();
    const requestUrl = "https://elsewhere.example/";
    expect(await verifySignedChallenge(proof, { requestUrl, requestMethod: "GET" })).toMatchObject({
      problem: "method",
    });
    expect(await verifySignedChallenge(proof, { requestUrl, requestMethod: "POST" })).toMatchObject({ problem: "url" });
  });
});
