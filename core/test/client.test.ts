import { setTimeout as sleep } from "node:timers/promises";
import { createClient, ResultError } from "@byo-session/core";
import { describe, expect, test } from "vitest";
import { answer, startScriptedServer } from "./scripted-server.ts";

const SESSION = { sessionId: "s", userId: "u", createdAt: 1, expiresAt: 2, hasDeviceRegistered: false };
const integrationKey = "api_of_the_test";

function connect(url: string, timeoutMs?: number) {
  const lines: string[] = [];
  const client = createClient({
    url,
    integrationKey,
    log: (line) => lines.push(line),
    ...(timeoutMs && { timeoutMs }),
  });
  return { ...client, lines };
}

describe("one command", () => {
  test("is a POST with the key, and 200 is its data", async () => {
    const server = await startScriptedServer((_received, res) => answer(res, 200, SESSION));
    const result = await connect(`${server.url}/base/`).session.validate({ sessionToken: "t" });
    expect(result).toMatchObject({ ok: true, data: SESSION });
    expect(result.getOrThrow()).toEqual(SESSION);
    expect(server.received).toEqual([
      {
        command: "ValidateSession",
        data: { sessionToken: "t" },
        authorization: `Bearer ${integrationKey}`,
        url: "/base/run-command",
      },
    ]);
  });

  test("a number that JSON cannot say is refused before it is sent: as null it would be the same as none", async () => {
    const server = await startScriptedServer((_received, res) => answer(res, 200, SESSION));
    for (const lifetimeSecs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const result = await connect(server.url).session.create({ userId: "u", lifetimeSecs });
      const error = { type: "UnexpectedError", details: "lifetimeSecs: expected a finite number" };
      expect(result).toMatchObject({ ok: false, status: 400, error });
    }
    expect(server.received).toEqual([]);
  });

  test("a typed error keeps its type, its details and its status", async () => {
    const error = { type: "SessionLimitExceeded", details: { currentCount: 3, maxAllowed: 3 } };
    const server = await startScriptedServer((_received, res) => answer(res, 409, error));
    const result = await connect(server.url).session.create({ userId: "u" });
    expect(result).toMatchObject({ ok: false, error, status: 409 });
    try {
      result.getOrThrow();
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ResultError);
      expect(result.toTypedError(thrown)).toEqual(error);
    }
    expect(() => result.toTypedError(new Error("other"))).toThrow("other");
  });

  test.each([
    ["HTML", 502, "<html>Bad gateway</html>"],
    ["a JSON text", 200, '"fine"'],
    ["an error without a type", 500, '{"message":"no"}'],
    ["nothing", 200, ""],
  ])("an invalid answer (%s) is an UnexpectedError", async (_name, status, body) => {
    const server = await startScriptedServer((_received, res) => res.writeHead(status).end(body));
    expect(await connect(server.url).ping(undefined)).toMatchObject({ ok: false, error: { type: "UnexpectedError" } });
  });

  test.each(["ftp://x", "not a url", "", "unix:", "unix:relative.sock"])("the address %j stops the start", (url) => {
    expect(() => createClient({ url, integrationKey })).toThrow(
      /`url` \(BYO_URL\): expected the sidecar's http\(s\) address/,
    );
  });

  test.each(["", "two words", "line\nend", "smart\u2019quote"])(
    "the key %j stops the start and is not echoed",
    (key) => {
      expect(() => createClient({ url: "http://127.0.0.1", integrationKey: key })).toThrow(
        /^`integrationKey` \(BYO_INTEGRATION_KEY\): expected an integration key/,
      );
    },
  );

  test("a plain http address that is not this machine is warned of, once", async () => {
    expect(connect("http://sidecar.internal:2884").lines).toEqual([expect.stringContaining("unencrypted")]);
    expect(connect("http://127.0.0.1:2884").lines).toEqual([]);
    expect(connect("https://sidecar.internal").lines).toEqual([]);
    expect(connect("unix:/run/byo.sock").lines).toEqual([]);
  });

  test("a refused key is logged once, without the key", async () => {
    const server = await startScriptedServer((_received, res) => answer(res, 401, { type: "IntegrationKeyNotFound" }));
    const client = connect(server.url);
    await client.ping(undefined);
    await client.ping(undefined);
    expect(client.lines).toEqual([expect.stringContaining("IntegrationKeyNotFound")]);
    expect(client.lines.join()).not.toContain(integrationKey);
  });
});

describe("repetition", () => {
  /** Breaks the connection of the first command, in the way that a restarted sidecar does. */
  async function resettingFirst() {
    return startScriptedServer((_received, res, socket) => {
      if (server.received.length === 1) socket.resetAndDestroy();
      else answer(res, 200, SESSION);
    });
  }
  let server: Awaited<ReturnType<typeof resettingFirst>>;

  test.each(["validate", "validateAndRefresh", "invalidateByToken"] as const)("%s is sent once more", async (call) => {
    server = await resettingFirst();
    expect(await connect(server.url).session[call]({ sessionToken: "t" })).toMatchObject({ ok: true });
    expect(server.received).toHaveLength(2);
    expect(server.received[1]).toEqual(server.received[0]);
  });

  test("never a command that creates or changes something, nor a validation with a proof", async () => {
    const deviceVerification = { signedDeviceChallenge: "p" };
    const calls = [
      (client: ReturnType<typeof connect>) => client.session.create({ userId: "u" }),
      (client: ReturnType<typeof connect>) => client.session.update({ sessionId: "s", newMetadata: 1 }),
      (client: ReturnType<typeof connect>) => client.session.invalidateById({ sessionId: "s" }),
      (client: ReturnType<typeof connect>) => client.session.validate({ sessionToken: "t", deviceVerification }),
      (client: ReturnType<typeof connect>) => client.session.device.register({ signedDeviceChallenge: "p" }),
    ];
    for (const call of calls) {
      server = await resettingFirst();
      expect(await call(connect(server.url))).toMatchObject({ ok: false, error: { type: "UnexpectedError" } });
      expect(server.received).toHaveLength(1);
    }
  });

  test("once only, and not after an answer", async () => {
    const broken = await startScriptedServer((_received, _res, socket) => socket.resetAndDestroy());
    expect(await connect(broken.url).session.validate({ sessionToken: "t" })).toMatchObject({ ok: false });
    expect(broken.received).toHaveLength(2);
    const failing = await startScriptedServer((_received, res) =>
      answer(res, 503, { type: "UnexpectedError", details: "" }),
    );
    expect(await connect(failing.url).session.validate({ sessionToken: "t" })).toMatchObject({
      ok: false,
      status: 503,
    });
    expect(failing.received).toHaveLength(1);
  });
});

describe("the deadline", () => {
  test("holds for silence, and the connection is not left hanging", async () => {
    let closed = 0;
    const server = await startScriptedServer((_received, res) => {
      res.on("close", () => closed++);
    });
    const client = connect(server.url, 100);
    const startedMs = performance.now();
    const result = await client.session.validate({ sessionToken: "t" });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(result).toMatchObject({ ok: false, error: { type: "UnexpectedError", details: "no answer within 100 ms" } });
    expect(result).not.toHaveProperty("status");
    await expect.poll(() => closed).toBe(1);
  });

  test("covers a body that does not end, and the retry", async () => {
    const server = await startScriptedServer((_received, res, socket) => {
      if (server.received.length === 1) setTimeout(() => socket.resetAndDestroy(), 80);
      else res.writeHead(200).write('{"sessionId":');
    });
    const startedMs = performance.now();
    expect(await connect(server.url, 150).session.validate({ sessionToken: "t" })).toMatchObject({ ok: false });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(server.received).toHaveLength(2);
  });
});

describe("validations that are equal in every field", () => {
  async function slowServer() {
    return startScriptedServer(async ({ data }, res) => {
      await sleep(30);
      answer(res, 200, { ...SESSION, sessionId: String(data.sessionToken) });
    });
  }

  test("share one call until it is written, each with its own answer", async () => {
    const server = await slowServer();
    const { session } = connect(server.url);
    const results = await Promise.all(
      ["a", "a", "a", "b"].map((sessionToken) => session.validateAndRefresh({ sessionToken, userAgent: "ua" })),
    );
    expect(server.received).toHaveLength(2);
    expect(results.map((result) => result.ok && result.data.sessionId)).toEqual(["a", "a", "a", "b"]);
    const [first, second] = results.map((result) => result.getOrThrow());
    expect(first).not.toBe(second);
  });

  test("not after it is written: what happened since must be seen", async () => {
    const server = await slowServer();
    const { session } = connect(server.url);
    const first = session.validate({ sessionToken: "a" });
    await expect.poll(() => server.received.length).toBe(1);
    await Promise.all([first, session.validate({ sessionToken: "a" })]);
    expect(server.received).toHaveLength(2);
  });

  test("not when a field differs, another command is meant, or a proof is in them", async () => {
    const server = await slowServer();
    const { session } = connect(server.url);
    const deviceVerification = { signedDeviceChallenge: "p" };
    await Promise.all([
      session.validate({ sessionToken: "a", ipAddress: "127.0.0.1" }),
      session.validate({ sessionToken: "a", ipAddress: "127.0.0.2" }),
      session.validateAndRefresh({ sessionToken: "a", ipAddress: "127.0.0.1" }),
      session.validate({ sessionToken: "a", deviceVerification }),
      session.validate({ sessionToken: "a", deviceVerification }),
    ]);
    expect(server.received).toHaveLength(5);
  });
});

describe("a sidecar that keeps failing", () => {
  test("gets a pause, then one trial call, and is trusted again when that succeeds", async () => {
    let status = 500;
    const server = await startScriptedServer((_received, res) => {
      if (status === 200) answer(res, 200, SESSION);
      else answer(res, status, { type: "UnexpectedError", details: "down" });
    });
    const { session } = connect(server.url);
    const ask = (n: number) =>
      Promise.all(Array.from({ length: n }, (_, i) => session.validate({ sessionToken: `${n}-${i}` })));
    await ask(10);
    expect(server.received).toHaveLength(10);
    expect(await ask(5)).toMatchObject(Array(5).fill({ ok: false, error: { type: "UnexpectedError" } }));
    expect(server.received).toHaveLength(10);
    status = 200;
    await sleep(550);
    const probes = await ask(4);
    expect(server.received).toHaveLength(11);
    expect(probes.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await ask(3)).every(({ ok }) => ok)).toBe(true);
  });

  test("refusals, and unsupported commands, count as answers", async () => {
    let status = 401;
    const server = await startScriptedServer((_received, res) =>
      answer(res, status, { type: "UnexpectedError", details: "" }),
    );
    const { session } = connect(server.url);
    for (status of [401, 400, 404, 409, 501]) {
      for (let i = 0; i < 12; i++) await session.fetchById({ sessionId: String(i) });
    }
    expect(server.received).toHaveLength(60);
  });
});
