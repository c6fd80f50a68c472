import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { RequestListener } from "node:http";
import { createClient, type SidecarClient } from "@byo-session/core";
import { StatelessTokenError, verifyStatelessToken } from "@byo-session/core/stateless";
import { beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const ENV = { ENCRYPTION_KEY: randomBytes(32).toString("base64") };
const NAMED = { issuer: "https://app.example.com", audience: "reports" };

let sidecar: TestSidecar;
let client: SidecarClient;
let jwksUrl: string;

beforeAll(async () => {
  sidecar = await startTestSidecar({ env: ENV });
  client = createClient({ url: sidecar.url, integrationKey: sidecar.integrationKey });
  jwksUrl = `${sidecar.url}/.well-known/jwks.json`;
});

async function create(data: Partial<Parameters<SidecarClient["session"]["createStatelessToken"]>[0]> = {}) {
  return (await client.session.createStatelessToken({ userId: "ada", ...data })).getOrThrow().statelessToken;
}

function partsOf(
  token: string,
): [header: Record<string, unknown>, payload: Record<string, unknown>, signature: string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const parse = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, "base64url").toString());
  return [parse(header), parse(payload), signature];
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function refusal(token: string, options: Partial<Parameters<typeof verifyStatelessToken>[1]> = {}) {
  const error: unknown = await verifyStatelessToken(token, { jwksUrl, ...options }).then(
    () => new Error("expected a refusal"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StatelessTokenError)) throw error;
  if (token.length > 20) expect(`${error.message} ${error.cause}`).not.toContain(token.slice(-20));
  return error;
}

describe("a token that is good", () => {
  it("says who it is, by the names that core uses", async () => {
    const token = await create({ sessionId: "s1", customClaims: { role: "admin" }, ...NAMED, lifetimeSecs: 60 });
    const [, payload] = partsOf(token);
    expect(await verifyStatelessToken(token, { jwksUrl, ...NAMED })).toEqual({
      userId: "ada",
      sessionId: "s1",
      tokenId: payload.jti,
      issuedAt: payload.iat,
      expiresAt: payload.exp,
      claims: { role: "admin" },
    });
  });

  it("leaves out what it does not have", async () => {
    const verified = await verifyStatelessToken(await create(), { jwksUrl: new URL(jwksUrl) });
    expect(Object.keys(verified).sort()).toEqual(["claims", "expiresAt", "issuedAt", "tokenId", "userId"]);
  });

  it("is verified without asking for the keys again", async () => {
    let asked = 0;
    const { url } = await serve(async (_request, response) => {
      asked++;
      response.end(await (await fetch(jwksUrl)).text());
    });
    const token = await create();
    await Promise.all(Array.from({ length: 20 }, () => verifyStatelessToken(token, { jwksUrl: url })));
    for (let at = 0; at < 20; at++) await verifyStatelessToken(token, { jwksUrl: url });
    expect(asked).toBe(1);
  });
});

describe("a token that is not", () => {
  it.each(["", "x", "a.b.c", "..", `${encode({})}.${encode({})}.`, "é.é.é"])("no token at all: %j", async (text) => {
    expect((await refusal(text)).code).toBe("ERR_STATELESS_TOKEN_INVALID");
  });

  it("signed with nothing, under every spelling", async () => {
    const [header, payload] = partsOf(await create());
    for (const alg of ["none", "None", "NONE", "nOnE", "", undefined, null]) {
      for (const signature of ["", "AAAA"]) {
        const token = `${encode({ ...header, alg })}.${encode(payload)}.${signature}`;
        expect((await refusal(token)).code, String(alg)).toBe("ERR_STATELESS_TOKEN_INVALID");
      }
    }
  });

  it("signed with the public key as if it were a secret", async () => {
    const [header, payload] = partsOf(await create());
    const { keys } = (await client.session.getJwks()).getOrThrow();
    const head = `${encode({ ...header, alg: "HS256" })}.${encode(payload)}`;
    for (const secret of [JSON.stringify(keys[0]), keys[0]?.n ?? ""]) {
      const mac = createHmac("sha256", secret).update(head).digest("base64url");
      expect((await refusal(`${head}.${mac}`)).code).toBe("ERR_STATELESS_TOKEN_INVALID");
    }
  });

  it("signed with another key, under the id of ours, under its own and carrying itself", async () => {
    const [header, payload] = partsOf(await create());
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = publicKey.export({ format: "jwk" });
    for (const given of [header, { ...header, kid: "theirs" }, { ...header, kid: undefined }, { ...header, jwk }]) {
      const head = `${encode(given)}.${encode(payload)}`;
      const token = `${head}.${sign("sha256", Buffer.from(head), privateKey).toString("base64url")}`;
      expect((await refusal(token)).code, JSON.stringify(given)).toBe("ERR_STATELESS_TOKEN_INVALID");
    }
  });

  it("changed after it was signed", async () => {
    const token = await create();
    const [header, payload, signature] = partsOf(token);
    expect((await refusal(`${encode(header)}.${encode({ ...payload, sub: "eve" })}.${signature}`)).code).toBe(
      "ERR_STATELESS_TOKEN_INVALID",
    );
    expect((await refusal(token.slice(0, -8))).code).toBe("ERR_STATELESS_TOKEN_INVALID");
  });

  it("made for others: a foreign issuer or audience, one that is missing, and one that was not asked for", async () => {
    const claimOf = async (data: object, options: object) => {
      const { code, claim } = await refusal(await create(data), options);
      return [code, claim];
    };
    const wrong = "ERR_STATELESS_TOKEN_CLAIM";
    expect(await claimOf({ ...NAMED, issuer: "https://evil.example" }, NAMED)).toEqual([wrong, "iss"]);
    expect(await claimOf({ ...NAMED, audience: "billing" }, NAMED)).toEqual([wrong, "aud"]);
    expect(await claimOf({ audience: NAMED.audience }, NAMED)).toEqual([wrong, "iss"]);
    expect(await claimOf({ issuer: NAMED.issuer }, NAMED)).toEqual([wrong, "aud"]);
    expect(await claimOf({ issuer: NAMED.issuer }, {})).toEqual([wrong, "iss"]);
    expect(await claimOf({ audience: NAMED.audience }, {})).toEqual([wrong, "aud"]);
  });

  it("expired, too old, or not valid yet", async () => {
    const { timestamp } = await sidecar.run("Ping", {});
    const early = await create({ notBeforeUnixtime: timestamp + 100 });
    expect((await refusal(early)).code).toBe("ERR_STATELESS_TOKEN_NOT_YET_VALID");
    const [short, long] = [await create({ lifetimeSecs: 1 }), await create()];
    await verifyStatelessToken(long, { jwksUrl, maxAgeSecs: 60, clockToleranceSecs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect((await refusal(short)).code).toBe("ERR_STATELESS_TOKEN_EXPIRED");
    expect((await refusal(long, { maxAgeSecs: 1 })).code).toBe("ERR_STATELESS_TOKEN_EXPIRED");
    await verifyStatelessToken(short, { jwksUrl, clockToleranceSecs: 60 });
  });
});

describe("keys that cannot be read", () => {
  const notThere: [string, RequestListener][] = [
    ["an error", (_request, response) => response.writeHead(500).end("{}")],
    ["a page", (_request, response) => response.end("<html></html>")],
    ["other JSON", (_request, response) => response.end('{"keys":1}')],
    ["a redirect", (_request, response) => response.writeHead(302, { location: jwksUrl }).end()],
    ["an answer that is cut off", (_request, response) => response.destroy()],
  ];
  it.each(notThere)("%s", async (_, listener) => {
    const { url } = await serve(listener);
    const error = await refusal(await create(), { jwksUrl: `${url}/keys?secret=1` });
    expect(error.code).toBe("ERR_STATELESS_KEYS_UNAVAILABLE");
    expect(error.message).toContain(`${url}/keys `);
  });

  it.each<[string, RequestListener]>([
    ["nothing", () => {}],
    ["half of an answer", (_request, response) => void response.write('{"keys":[')],
  ])("an address that hangs after %s: the refusal comes in time, and the next at once", async (_, listener) => {
    const { url } = await serve(listener);
    const token = await create();
    const start = performance.now();
    const first = await Promise.all([1, 2, 3].map(() => refusal(token, { jwksUrl: url })));
    expect(first.map(({ code }) => code)).toEqual(Array(3).fill("ERR_STATELESS_KEYS_UNAVAILABLE"));
    expect(performance.now() - start).toBeLessThan(4000);
    const again = performance.now();
    expect((await refusal(token, { jwksUrl: url })).code).toBe("ERR_STATELESS_KEYS_UNAVAILABLE");
    expect(performance.now() - again).toBeLessThan(500);
  });

  it("are read again when the address is back, and those that are known serve while it is away", async () => {
    let away = true;
    const { url } = await serve(async (_request, response) => {
      if (away) response.writeHead(503).end();
      else response.end(await (await fetch(jwksUrl)).text());
    });
    const token = await create();
    const [header, payload, signature] = partsOf(token);
    expect((await refusal(token, { jwksUrl: url })).code).toBe("ERR_STATELESS_KEYS_UNAVAILABLE");
    away = false;
    await expect.poll(() => verifyStatelessToken(token, { jwksUrl: url }).catch(() => undefined)).toBeDefined();
    away = true;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const unknown = `${encode({ ...header, kid: "other" })}.${encode(payload)}.${signature}`;
    expect((await refusal(unknown, { jwksUrl: url })).code).toBe("ERR_STATELESS_KEYS_UNAVAILABLE");
    await verifyStatelessToken(token, { jwksUrl: url });
  });

  it("unknown key ids ask for them once a second at most", async () => {
    let asked = 0;
    const { url } = await serve(async (_request, response) => {
      asked++;
      response.end(await (await fetch(jwksUrl)).text());
    });
    const [header, payload, signature] = partsOf(await create());
    const start = performance.now();
    for (let at = 0; at < 200; at++) {
      await refusal(`${encode({ ...header, kid: `k${at}` })}.${encode(payload)}.${signature}`, { jwksUrl: url });
    }
    expect(asked).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - start) / 1000));
  });
});

it.each([
  { jwksUrl: "" },
  { jwksUrl: "file:///etc/passwd" },
  { maxAgeSecs: Number.NaN },
  { maxAgeSecs: -1 },
  { clockToleranceSecs: 301 },
  { clockToleranceSecs: Number.POSITIVE_INFINITY },
])("an option that cannot be used is said to be: %j", async (options) => {
  await expect(verifyStatelessToken(await create(), { jwksUrl, ...options })).rejects.toMatchObject({
    name: "ConfigurationError",
    code: "ERR_BYO_OPTIONS",
    message: expect.stringContaining(`\`${Object.keys(options)[0]}\``),
  });
});
