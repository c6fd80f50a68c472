import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { databaseState } from "../database-state.ts";

const NOT_FOUND = { status: 404, body: { type: "SessionNotFound" } };
const DONE = { status: 200, body: {} };
let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "life:brief", absolute_lifetime_secs: 600 },
    { tag: "life:idle", inactivity_timeout_secs: 3600, rotation_interval_secs: 0 },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

const validate = (sessionToken: string) => sidecar.command("ValidateSession", { sessionToken });
const isOver = (word: string) => ({ status: 401, body: { type: "InvalidSessionToken", details: word } });

describe("InvalidateSessionByToken", () => {
  it("logs out, and reports it when the token is presented later", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    expect(await sidecar.command("InvalidateSessionByToken", { sessionToken })).toEqual(DONE);
    expect(await validate(sessionToken)).toEqual(isOver("LoggedOut"));
  });

  it("is fine with a token that is missing, unknown or of an ended session, and writes nothing", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    await sidecar.run("InvalidateSessionByToken", { sessionToken });
    const before = await databaseState(sidecar);
    for (const data of [{}, { sessionToken: null }, { sessionToken: "" }, { sessionToken: "x" }, { sessionToken }]) {
      expect(await sidecar.command("InvalidateSessionByToken", data)).toEqual(DONE);
    }
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("replaced: the next request with its token within a minute gets that word, also where it had ended before", async () => {
    const isReplaced = (word: string) => {
      const { status, body } = isOver(word);
      return { status, body: { ...body, replaced: true } };
    };
    for (const before of [undefined, "Revoked"] as const) {
      const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
      if (before) await sidecar.run("InvalidateSessionById", { sessionId });
      expect(await sidecar.command("InvalidateSessionByToken", { sessionToken, replaced: true })).toEqual(DONE);
      const word = before ?? "LoggedOut";
      expect(await validate(sessionToken)).toEqual(isReplaced(word));
      await sidecar.advance(59);
      expect(await validate(sessionToken)).toEqual(isReplaced(word));
      await sidecar.advance(2);
      expect(await validate(sessionToken)).toEqual(isOver(word));
      const ended = await auditRow(sidecar, sessionId, "SessionEnded");
      expect(ended?.details).toEqual(before ? null : { cause: "Replaced" });
    }
  });

  it("ends nothing for somebody who knows the id alone", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    const other = await sidecar.run("CreateSession", { userId: "eve" });
    const [head] = sessionToken.split(".");
    const forged = [head, ...other.sessionToken.split(".").slice(1)].join(".");
    expect(await sidecar.command("InvalidateSessionByToken", { sessionToken: forged })).toEqual(DONE);
    expect(await validate(sessionToken)).toMatchObject({ status: 200 });
    expect(await validate(other.sessionToken)).toMatchObject({ status: 200 });
  });
});

describe("InvalidateSessionById", () => {
  it("ends the session, and the trail says which key did it", async () => {
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    expect(await sidecar.command("InvalidateSessionById", { sessionId })).toEqual(DONE);
    expect(await validate(sessionToken)).toEqual(isOver("Revoked"));
    const [key] = await sidecar.sql<{ id: string }>("SELECT id FROM byo.integration_keys");
    const ended = await auditRow(sidecar, sessionId, "SessionEnded");
    expect(ended).toMatchObject({ reason: "Revoked", actor: `key:${key?.id}` });
  });

  it("ends a session of the given user only", async () => {
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    expect(await sidecar.command("InvalidateSessionById", { sessionId, userId: "eve" })).toEqual(NOT_FOUND);
    expect(await validate(sessionToken)).toMatchObject({ status: 200 });
    expect(await sidecar.command("InvalidateSessionById", { sessionId, userId: "ada" })).toEqual(DONE);
  });

  it("finds living sessions only", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
    await sidecar.run("InvalidateSessionById", { sessionId });
    const brief = await sidecar.run("CreateSession", { userId: "ada", tags: ["life:brief"] });
    await sidecar.advance(601);
    for (const id of [sessionId, brief.sessionId, "x", "00000000-0000-4000-8000-000000000000"]) {
      expect(await sidecar.command("InvalidateSessionById", { sessionId: id })).toEqual(NOT_FOUND);
    }
  });
});

describe("InvalidateAllSessionsForUser", () => {
  it("ends every session of the user, and no other's", async () => {
    const mine = [
      await sidecar.run("CreateSession", { userId: "bea" }),
      await sidecar.run("CreateSession", { userId: "bea", tags: ["org:acme"] }),
    ];
    const other = await sidecar.run("CreateSession", { userId: "eve" });
    const all = { userId: "bea" };
    expect(await sidecar.run("InvalidateAllSessionsForUser", all)).toEqual({ sessionsInvalidated: 2 });
    for (const { sessionToken } of mine) expect(await validate(sessionToken)).toEqual(isOver("Revoked"));
    expect(await validate(other.sessionToken)).toMatchObject({ status: 200 });
    expect(await sidecar.run("InvalidateAllSessionsForUser", all)).toEqual({ sessionsInvalidated: 0 });
  });

  it("ends those that carry all of the tags", async () => {
    const both = await sidecar.run("CreateSession", { userId: "cleo", tags: ["org:acme", "role:x"] });
    const one = await sidecar.run("CreateSession", { userId: "cleo", tags: ["org:acme"] });
    const data = { userId: "cleo", sessionTags: ["role:x", "org:acme"] };
    expect(await sidecar.run("InvalidateAllSessionsForUser", data)).toEqual({ sessionsInvalidated: 1 });
    expect(await validate(both.sessionToken)).toEqual(isOver("Revoked"));
    expect(await validate(one.sessionToken)).toMatchObject({ status: 200 });
  });
});

describe("InvalidateAllSessionsForUserExceptOne", () => {
  const refused = {
    status: 400,
    body: {
      type: "UnexpectedError",
      details: "sessionTokenToKeep: expected the token of an active session of this user",
    },
  };

  it("ends the others", async () => {
    const kept = await sidecar.run("CreateSession", { userId: "dan" });
    const other = await sidecar.run("CreateSession", { userId: "dan" });
    const data = { userId: "dan", sessionTokenToKeep: kept.sessionToken };
    expect(await sidecar.run("InvalidateAllSessionsForUserExceptOne", data)).toEqual({ sessionsInvalidated: 1 });
    expect(await validate(kept.sessionToken)).toMatchObject({ status: 200 });
    expect(await validate(other.sessionToken)).toEqual(isOver("Revoked"));
  });

  it("ends the others that carry the tags", async () => {
    const kept = await sidecar.run("CreateSession", { userId: "fay", tags: ["a:b"] });
    const tagged = await sidecar.run("CreateSession", { userId: "fay", tags: ["a:b"] });
    const untagged = await sidecar.run("CreateSession", { userId: "fay" });
    const data = { userId: "fay", sessionTokenToKeep: kept.sessionToken, sessionTags: ["a:b"] };
    expect(await sidecar.run("InvalidateAllSessionsForUserExceptOne", data)).toEqual({ sessionsInvalidated: 1 });
    expect(await validate(tagged.sessionToken)).toEqual(isOver("Revoked"));
    expect(await validate(untagged.sessionToken)).toMatchObject({ status: 200 });
  });

  it("ends nothing when the token is no active session of that user", async () => {
    const mine = await sidecar.run("CreateSession", { userId: "gus" });
    const ended = await sidecar.run("CreateSession", { userId: "gus" });
    await sidecar.run("InvalidateSessionById", { sessionId: ended.sessionId });
    const brief = await sidecar.run("CreateSession", { userId: "gus", tags: ["life:brief"] });
    await sidecar.advance(601);
    const other = await sidecar.run("CreateSession", { userId: "eve" });
    const [head] = mine.sessionToken.split(".");
    const forged = [head, ...other.sessionToken.split(".").slice(1)].join(".");
    const before = await databaseState(sidecar);
    for (const token of ["", "x", forged, other.sessionToken, ended.sessionToken, brief.sessionToken]) {
      const data = { userId: "gus", sessionTokenToKeep: token };
      expect(await sidecar.command("InvalidateAllSessionsForUserExceptOne", data), token).toEqual(refused);
    }
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("keeps a session that was used just now, though its use is not written yet", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "hal", tags: ["life:idle"] });
    await sidecar.advance(100);
    await sidecar.run("ValidateSession", { sessionToken });
    await sidecar.advance(3550);
    const data = { userId: "hal", sessionTokenToKeep: sessionToken };
    expect(await sidecar.command("InvalidateAllSessionsForUserExceptOne", data)).toMatchObject({ status: 200 });
  });
});
