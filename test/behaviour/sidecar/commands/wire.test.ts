import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { databaseState } from "../database-state.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe("the body of a command", () => {
  const malformed: [string, string | Buffer, string][] = [
    ["nothing", "", "body: expected JSON in UTF-8"],
    ["no JSON", '{"command": "Ping"', "body: expected JSON in UTF-8"],
    ["no UTF-8", Buffer.from('{"command":"Ping","data":{"a":"\xff"}}', "latin1"), "body: expected JSON in UTF-8"],
    ["a list", "[]", 'body: expected an object {"command": …, "data": …}'],
    ["null", "null", 'body: expected an object {"command": …, "data": …}'],
    ["a text", '"Ping"', 'body: expected an object {"command": …, "data": …}'],
    ["no command", '{"data": {}}', "command: expected a string"],
    ["a number for a command", '{"command": 1, "data": {}}', "command: expected a string"],
    ["brackets without end", "[".repeat(200_000), "body: expected JSON in UTF-8"],
    ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000), 'body: expected an object {"command": …, "data": …}'],
  ];
  it.each(malformed)("is refused when it is %s", async (_, body, details) => {
    expect(await sidecar.post(body)).toEqual({ status: 400, body: { type: "UnexpectedError", details } });
  });

  it("may be 256 KiB, in bytes, and not one more", async () => {
    const body = (bytes: number) => {
      const [head, tail] = ['{"command": "Ping", "padding": "é', '"}'];
      return head + "x".repeat(bytes - Buffer.byteLength(head + tail)) + tail;
    };
    expect(await sidecar.post(body(262_144))).toMatchObject({ status: 200 });
    expect(await sidecar.post(body(262_145))).toEqual({
      status: 400,
      body: { type: "UnexpectedError", details: "body: expected at most 262144 bytes" },
    });
  });

  it("is read whatever its content type says", async () => {
    const body = JSON.stringify({ command: "Ping" });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/x-unheard-of"]) {
      expect(await sidecar.post(body, { "content-type": type })).toMatchObject({ status: 200 });
    }
  });
});

describe("the name of a command", () => {
  it.each(["Pong", "ping", "Ping ", "__proto__", "constructor", "toString", ""])("cannot be %j", async (name) => {
    const { status, body } = await sidecar.command(name, {});
    expect(status).toBe(400);
    expect(body).toEqual({ type: "UnexpectedError", details: expect.stringMatching(/^command: unknown name/) });
  });

  it("is told back only where it is short and plain", async () => {
    expect((await sidecar.command("Pong", {})).body.details).toBe("command: unknown name: Pong");
    for (const name of ["<script>", "a\u001b[31m", "x".repeat(65)]) {
      expect((await sidecar.command(name, {})).body.details).toBe("command: unknown name");
    }
  });

  it.each([
    "CreateApiKey",
    "ValidateApiKey",
    "RevokeApiKey",
    "PatchApiKey",
    "GetApiKeys",
    "StartPasskeyRegistration",
    "DeregisterAllPasskeysForUser",
    "ScimRequest",
    "GetScimUsers",
    "CreateOidcClient",
    "CompleteOidcLogin",
  ])("%s is known, and not served", async (name) => {
    expect(await sidecar.command(name, { userId: "ada" })).toEqual({
      status: 501,
      body: { type: "UnexpectedError", details: `${name} is not served by this sidecar` },
    });
  });
});

describe("the data of a command", () => {
  const commands = [
    "CreateSession",
    "ValidateSession",
    "ValidateAndRefreshSession",
    "FetchAllSessionsForUser",
    "FetchAllSessions",
    "FetchSessionById",
    "UpdateSession",
    "UpdateSessions",
    "InvalidateSessionByToken",
    "InvalidateSessionById",
    "InvalidateAllSessionsForUser",
    "InvalidateAllSessionsForUserExceptOne",
  ];
  it.each(commands)("has to be an object for %s", async (name) => {
    for (const data of [undefined, null, "text", 1, true, []]) {
      expect(await sidecar.command(name, data), JSON.stringify(data)).toEqual({
        status: 400,
        body: { type: "UnexpectedError", details: "data: expected an object" },
      });
    }
  });

  it("is not needed for Ping, which tells the time", async () => {
    for (const data of [undefined, null, {}, "text", 1]) {
      const { status, body } = await sidecar.command("Ping", data);
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(["timestamp"]);
      expect(Math.abs(Number(body.timestamp) - Date.now() / 1000)).toBeLessThan(5);
      expect(Number.isInteger(body.timestamp)).toBe(true);
    }
  });

  it("may hold fields of newer clients", async () => {
    const created = await sidecar.command("CreateSession", { userId: "ada", isAdmin: true, gen: 7, future: { a: 1 } });
    expect(created.status).toBe(200);
    const { sessionToken, sessionId } = created.body;
    for (const [name, data] of [
      ["ValidateSession", { sessionToken }],
      ["FetchSessionById", { sessionId }],
      ["FetchAllSessions", { userId: "ada" }],
      ["UpdateSession", { sessionId }],
      ["InvalidateSessionById", { sessionId }],
    ] as const) {
      expect(await sidecar.command(name, { ...data, future: [1] }), name).toMatchObject({ status: 200 });
    }
  });

  it("pollutes no prototype", async () => {
    const metadata = '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}';
    const created = await sidecar.post(
      `{"command": "CreateSession", "data": {"userId": "ada", "__proto__": {"tags": ["a:b"]}, "metadata": ${metadata}}}`,
    );
    expect(created.status).toBe(200);
    const session = await sidecar.command("FetchSessionById", { sessionId: created.body.sessionId });
    expect(session.body.sessionTags).toBeUndefined();
    expect(JSON.stringify(session.body.metadata)).toContain("polluted");
    const patched = `{"sessionId": "${created.body.sessionId}", "patchMetadata": ${metadata}}`;
    expect(await sidecar.post(`{"command": "UpdateSession", "data": ${patched}}`)).toMatchObject({ status: 200 });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("treats null as absent in every optional field", async () => {
    const created = await sidecar.command("CreateSession", {
      userId: "bea",
      tags: null,
      userAgent: null,
      ipAddress: null,
      metadata: null,
      deviceRegistration: null,
      legacyId: null,
      authenticatedAt: null,
    });
    expect(created.status).toBe(200);
    const { sessionToken, sessionId } = created.body;
    expect(await sidecar.command("FetchSessionById", { sessionId })).toMatchObject({
      body: expect.not.objectContaining({ metadata: null, sessionTags: null, ipAddress: null }),
    });
    for (const [name, data] of [
      ["FetchAllSessionsForUser", { userId: "bea", sessionTags: null }],
      ["FetchAllSessions", { userId: null, sessionTags: null, page: null }],
      ["UpdateSession", { sessionId, tagsToAdd: null, tagsToRemove: null }],
      ["UpdateSessions", { filter: { userId: "bea", sessionTags: null }, tagsToAdd: null }],
      ["InvalidateAllSessionsForUserExceptOne", { userId: "bea", sessionTokenToKeep: sessionToken, sessionTags: null }],
      ["InvalidateSessionByToken", { sessionToken: null }],
      ["InvalidateSessionById", { sessionId, userId: null }],
      ["InvalidateAllSessionsForUser", { userId: "bea", sessionTags: null }],
    ] as const) {
      expect(await sidecar.command(name, data), name).toMatchObject({ status: 200 });
    }
  });
});

describe("the rest of the interface", () => {
  it("answers what is no route with 404 and an error of the contract", async () => {
    for (const [method, path] of [
      ["GET", "/nowhere"],
      ["GET", "/run-command"],
      ["PUT", "/run-command"],
      ["POST", "/run-command/"],
      ["GET", "/../etc/passwd"],
    ] as const) {
      const answer = await request(sidecar.url + path, { method });
      expect(answer.statusCode, `${method} ${path}`).toBe(404);
      expect(await answer.body.json()).toMatchObject({ type: "UnexpectedError" });
    }
  });

  it("lets nobody keep an answer", async () => {
    for (const [name, status] of [
      ["Ping", 200],
      ["Pong", 400],
    ] as const) {
      const answer = await request(`${sidecar.url}/run-command`, {
        method: "POST",
        headers: { authorization: `Bearer ${sidecar.integrationKey}` },
        body: JSON.stringify({ command: name, data: {} }),
      });
      await answer.body.dump();
      expect(answer.statusCode).toBe(status);
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect(answer.headers["content-type"]).toContain("application/json");
    }
  });

  it("writes nothing for anything malformed", async () => {
    const before = await databaseState(sidecar);
    await sidecar.post("{");
    await sidecar.command("Pong", {});
    await sidecar.command("ScimRequest", {});
    await sidecar.command("CreateSession", {});
    expect(await databaseState(sidecar)).toEqual(before);
  });
});
