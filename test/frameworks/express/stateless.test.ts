import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { JsonValue } from "@byo-session/core/contract";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createDeviceKey } from "../../harness/device-key.ts";
import { serve } from "../../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { createDeviceBrowser, PUBLIC_URL } from "../conformance/device-browser.ts";
import { COOKIE, startSessionsApp } from "./sessions-app.ts";

const STATELESS = `${COOKIE}-stateless`;
const SECS = 120;
const IDLE_PART_SECS = 60;
const OPTIONS = { stateless: { revocationDelaySecs: SECS }, timeoutMs: 10_000 } as const;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: { tags: [{ tag: "test:idle", inactivity_timeout_secs: 10 * IDLE_PART_SECS }] },
    env: { ENCRYPTION_KEY: randomBytes(32).toString("base64") },
  });
});

type Json = Record<string, JsonValue>;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const parse = (part = ""): Json => JSON.parse(Buffer.from(part, "base64url").toString());

/** A session that has ended, and what its browser still holds. */
async function endedSession() {
  const app = await startSessionsApp({ sidecarUrl: sidecar.url, options: OPTIONS });
  const browser = await app.loggedIn({ userId: "ada" });
  const { session } = (await browser.fetch("/me")).json<{ session: { sessionId: string } }>();
  const look = async () => {
    const { status, setCookies } = await browser.fetch("/me");
    return [status, setCookies];
  };
  await expect.poll(look, { timeout: 10_000 }).toEqual([200, []]);
  await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
  const [token, signed = ""] = [await browser.cookie(COOKIE), await browser.cookie(STATELESS)];
  const read = async (value: string, times = 1) => {
    const values = Array.from({ length: times }, () => `${STATELESS}=${value}`).join("; ");
    const answer = await browser.fetch("/me", {
      headers: { cookie: `${COOKIE}=${token}; ${values}` },
      dropAnswer: true,
    });
    return answer.json<{ session?: { userId: string }; reason?: string }>();
  };
  return { signed, sessionId: session.sessionId, read };
}

describe("what an ended session reads with", () => {
  test("nothing but the cookie that was signed for it", async () => {
    const { signed, sessionId, read } = await endedSession();
    expect(await read(signed)).toMatchObject({ session: { userId: "ada" } });
    expect(await read(signed, 2)).toMatchObject({ session: { userId: "ada" } });

    const [header = "", payload = ""] = signed.split(".");
    const claims = parse(payload);
    const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { keys } = await sidecar.run("GetJwks", {});
    const signedBy = (head: unknown, body: unknown) => {
      const input = `${encode(head)}.${encode(body)}`;
      return `${input}.${sign("sha256", Buffer.from(input), own.privateKey).toString("base64url")}`;
    };
    const hmacInput = `${encode({ ...parse(header), alg: "HS256" })}.${payload}`;
    const bySidecar = async (data: Json, more: Json = {}) => {
      const names = { issuer: String(claims.iss), audience: String(claims.aud) };
      const customClaims = { of: claims.of ?? "", session: claims.session ?? {}, ...more };
      const created = { userId: "ada", sessionId, ...names, customClaims, ...data };
      return (await sidecar.run("CreateStatelessToken", created)).statelessToken;
    };
    const refused: Record<string, string> = {
      none: `${encode({ alg: "none" })}.${payload}.`,
      "none with its signature": `${encode({ ...parse(header), alg: "none" })}.${payload}.${signed.split(".")[2]}`,
      "the public key as a secret": `${hmacInput}.${createHmac("sha256", String(keys[0]?.n)).update(hmacInput).digest("base64url")}`,
      "another key with its id": signedBy(parse(header), claims),
      "another key with an id of its own": signedBy({ alg: "RS256", kid: "mine" }, claims),
      "a longer life": `${header}.${encode({ ...claims, exp: Number(claims.exp) + 9999, iat: Number(claims.iat) + 9999 })}.${signed.split(".")[2]}`,
      "another issuer": await bySidecar({ issuer: "https://app.example.com" }),
      "another audience": await bySidecar({ audience: "reports" }),
      "another session's token": await bySidecar({}, { of: "0".repeat(64) }),
      "no session's facts": await bySidecar({ customClaims: { of: claims.of ?? "" } }),
      "facts of another form": await bySidecar({ customClaims: { of: claims.of ?? "", session: { createdAt: "1" } } }),
      junk: "a.b.c",
      empty: "",
    };
    for (const [name, token] of Object.entries(refused)) {
      expect([name, await read(token)]).toMatchObject([name, { reason: "Revoked" }]);
    }
    expect(await read(await bySidecar({}))).toMatchObject({ session: { userId: "ada" } });
  });

  test("not for longer than the option says, by the sidecar's clock, whatever the token says of itself", async () => {
    const { signed, sessionId, read } = await endedSession();
    const claims = parse(signed.split(".")[1]);
    await sidecar.advance(SECS);
    const longLived = await sidecar.run("CreateStatelessToken", {
      ...{ userId: "ada", sessionId, issuer: String(claims.iss), audience: String(claims.aud), lifetimeSecs: 86_400 },
      customClaims: { of: claims.of ?? "", session: claims.session ?? {} },
    });
    // This app has read the clock before: what was signed since is from the future to it.
    expect(await read(longLived.statelessToken)).toMatchObject({ reason: "Revoked" });
  });
});

test("a session with an inactivity timeout is asked about ten times within it, so that its use is noted", async () => {
  // Another file of this process may have guards with requests that are no activity; nothing would be signed here.
  Reflect.deleteProperty(globalThis, Symbol.for("@byo-session/core: a guard has requests that are no activity"));
  /** A process that knows the keys, and the sidecar's time of now. */
  async function startApp() {
    const app = await startSessionsApp({ sidecarUrl: sidecar.url, options: OPTIONS });
    const other = await app.loggedIn();
    await expect.poll(async () => (await other.fetch("/me")).setCookies, { timeout: 10_000 }).toEqual([]);
    return app;
  }
  const first = await startApp();
  const browser = await first.loggedIn({ tags: ["test:idle"] });
  const { session } = (await browser.fetch("/me")).json<{ session: { sessionId: string } }>();
  const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}; ${STATELESS}=${await browser.cookie(STATELESS)}`;
  await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
  const read = async () => {
    const answer = await (await startApp()).browser().fetch("/me", { headers: { cookie } });
    return answer.json<{ session?: object; reason?: string }>();
  };
  await sidecar.advance(IDLE_PART_SECS / 2);
  expect(await read()).toMatchObject({ session: { sessionId: session.sessionId } });
  await sidecar.advance(IDLE_PART_SECS / 2);
  expect(await read()).toMatchObject({ reason: "Revoked" });
});

/** Between the app and the sidecar: answers a command in the sidecar's place. */
async function sidecarWith(replaced: string, answer: (response: ServerResponse) => void) {
  let asked = 0;
  const { url } = await serve(async (request, response) => {
    const body = await text(request);
    if (body.includes(`"command":"${replaced}"`)) {
      asked++;
      return answer(response);
    }
    const headers = { authorization: request.headers.authorization ?? "", "content-type": "application/json" };
    const passed = await fetch(`${sidecar.url}/run-command`, { method: "POST", headers, body });
    response.writeHead(passed.status, { "content-type": "application/json" }).end(await passed.text());
  });
  return { url, asked: () => asked };
}

describe("a sidecar that signs nothing, or whose keys are not available", () => {
  const WAYS: Record<string, (response: ServerResponse) => void> = {
    fails: (response) => response.writeHead(500).end("{}"),
    hangs: () => undefined,
    "answers something else": (response) => response.writeHead(200).end('{"keys":[{"kty":"oct","k":"AAAA"}]}'),
  };
  test.each(Object.keys(WAYS))("GetJwks %s: each request asks, and none waits", async (way) => {
    const between = await sidecarWith("GetJwks", WAYS[way] ?? (() => undefined));
    const app = await startSessionsApp({ sidecarUrl: between.url, options: OPTIONS });
    const browser = await app.loggedIn();
    const { session } = (await browser.fetch("/me")).json<{ session: { sessionId: string } }>();
    const startedAtMs = performance.now();
    expect((await browser.fetch("/me")).status).toBe(200);
    expect(performance.now() - startedAtMs).toBeLessThan(1500);
    await sidecar.run("InvalidateSessionById", { sessionId: session.sessionId });
    expect((await browser.fetch("/me")).status).toBe(401);
    expect(between.asked()).toBeGreaterThan(0);
  });

  test("CreateStatelessToken fails: one line in the log, and not a call for each request", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const between = await sidecarWith("CreateStatelessToken", (response) =>
      response.writeHead(400).end('{"type":"TokenCreationFailed","details":"ENCRYPTION_KEY is not set"}'),
    );
    const app = await startSessionsApp({ sidecarUrl: between.url, options: OPTIONS });
    const browser = await app.loggedIn();
    for (let at = 0; at < 5; at++) expect((await browser.fetch("/me")).setCookies).toEqual([]);
    expect(between.asked()).toBe(1);
    expect(warn.mock.calls.flat().filter((line) => String(line).includes("ENCRYPTION_KEY is not set"))).toHaveLength(1);
    warn.mockRestore();
  });
});

test("a session with a device is never signed for", async () => {
  const options = { ...OPTIONS, publicUrl: PUBLIC_URL, routes: { prefix: "/session" } };
  const app = await startSessionsApp({ sidecarUrl: sidecar.url, options });
  const browser = createDeviceBrowser({ browser: () => app.browser() }, createDeviceKey());
  await browser.fetch("/login", { json: { userId: "bound" } });
  await browser.fetch("/me");
  expect(await browser.cookie(STATELESS)).toBeDefined();
  expect((await browser.prove("/session/device", { method: "POST" })).status).toBe(200);
  expect(await browser.cookie(STATELESS)).toBeUndefined();
  expect((await browser.fetch("/me")).status).toBe(401);
  expect((await browser.prove("/me")).status).toBe(200);
  expect(await browser.cookie(STATELESS)).toBeUndefined();
});
