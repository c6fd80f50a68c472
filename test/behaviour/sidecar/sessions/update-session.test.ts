import type { CreateSessionData } from "@byo-session/core/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRows } from "../audit-trail.ts";
import { databaseState } from "../database-state.ts";

const NOT_FOUND = { status: 404, body: { type: "SessionNotFound" } };
let sidecar: TestSidecar;

beforeAll(async () => {
  const config = { on_create_only_tags: ["type", "realm"], tags: [{ tag: "life:brief", absolute_lifetime_secs: 600 }] };
  sidecar = await startTestSidecar({ config });
});

async function session(data: Omit<CreateSessionData, "userId"> = {}) {
  const created = await sidecar.run("CreateSession", { userId: "ada", ...data });
  return {
    ...created,
    update: (changes: Record<string, unknown>) =>
      sidecar.command("UpdateSession", { sessionId: created.sessionId, ...changes }),
    now: () => sidecar.run("ValidateSession", { sessionToken: created.sessionToken }),
  };
}

describe("UpdateSession", () => {
  it("adds and removes tags, each once", async () => {
    const { update, now } = await session({ tags: ["org:acme", "role:user"] });
    const changes = { tagsToAdd: ["role:admin", "role:admin", "org:acme"], tagsToRemove: ["role:user", "role:none"] };
    expect(await update(changes)).toEqual({ status: 200, body: {} });
    expect((await now()).tags).toEqual(["org:acme", "role:admin"]);
  });

  it("keeps a tag that is both removed and added", async () => {
    const { update, now } = await session({ tags: ["role:user"] });
    await update({ tagsToAdd: ["role:user"], tagsToRemove: ["role:user"] });
    expect((await now()).tags).toEqual(["role:user"]);
  });

  it("leaves the tags out of the answer when the last one is gone", async () => {
    const { update, now } = await session({ tags: ["role:user"] });
    await update({ tagsToRemove: ["role:user"] });
    expect(await now()).not.toHaveProperty("tags");
  });

  it("replaces the metadata", async () => {
    const { update, now } = await session({ metadata: { a: 1, b: 2 } });
    await update({ newMetadata: ["other"] });
    expect((await now()).metadata).toEqual(["other"]);
  });

  it("patches the metadata by RFC 7396", async () => {
    const { update, now } = await session({
      metadata: { title: "Goodbye!", author: { given: "John", family: "Doe" } },
    });
    await update({ patchMetadata: { title: "Hello!", author: { family: null }, tags: ["example"] } });
    expect((await now()).metadata).toEqual({ title: "Hello!", author: { given: "John" }, tags: ["example"] });
  });

  it.each(["newMetadata", "patchMetadata"])("removes the metadata with %s: null", async (field) => {
    const { update, now } = await session({ metadata: { a: 1 } });
    expect(await update({ [field]: null })).toEqual({ status: 200, body: {} });
    expect(await now()).not.toHaveProperty("metadata");
  });

  it.each([
    [{ a: 1 }, { b: 2 }],
    [null, null],
    [null, { b: 2 }],
  ])("takes one kind of metadata at a time: %j, %j", async (newMetadata, patchMetadata) => {
    const { update } = await session({ metadata: { kept: true } });
    const before = await databaseState(sidecar);
    expect(await update({ newMetadata, patchMetadata, tagsToAdd: ["a:b"] })).toEqual({
      status: 400,
      body: { type: "ConflictingMetadataOptions" },
    });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it.each([
    [{ tagsToAdd: ["a:b", "nocolon"] }, "nocolon"],
    [{ tagsToRemove: ["a b:c"] }, "a b:c"],
  ])("refuses what is no tag: %j", async (changes, tag) => {
    const { update } = await session();
    const before = await databaseState(sidecar);
    expect(await update({ ...changes, newMetadata: 1 })).toEqual({
      status: 400,
      body: { type: "InvalidTagFormat", details: { InvalidTagFormat: tag } },
    });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it.each([
    [{ tagsToAdd: ["type:admin"] }, ["type"]],
    [{ tagsToRemove: ["type:user"] }, ["type"]],
    [{ tagsToAdd: ["type:admin", "org:acme", "realm:b", "type:root"] }, ["type", "realm"]],
  ])("leaves tags alone that are for logins only: %j", async (changes, tag_names) => {
    const { update } = await session({ tags: ["type:user"] });
    const before = await databaseState(sidecar);
    expect(await update(changes)).toEqual({
      status: 400,
      body: { type: "CannotModifyOnCreateOnlyTags", details: { tag_names } },
    });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("changes nothing when nothing is asked for, and says so in the trail", async () => {
    const { update, now, sessionId } = await session({ tags: ["a:b"], metadata: { a: 1 } });
    expect(await update({})).toEqual({ status: 200, body: {} });
    expect(await now()).toMatchObject({ tags: ["a:b"], metadata: { a: 1 } });
    expect(await auditRows(sidecar, { sessionId })).toMatchObject([
      { event: "SessionCreated" },
      { event: "SessionUpdated" },
    ]);
  });

  it("finds living sessions only", async () => {
    const { update, sessionToken } = await session();
    await sidecar.run("InvalidateSessionByToken", { sessionToken });
    expect(await update({ tagsToAdd: ["a:b"] })).toEqual(NOT_FOUND);
    const brief = await session({ tags: ["life:brief"] });
    await sidecar.advance(601);
    expect(await brief.update({ tagsToAdd: ["a:b"] })).toEqual(NOT_FOUND);
    for (const sessionId of ["x", "00000000-0000-4000-8000-000000000000"]) {
      expect(await sidecar.command("UpdateSession", { sessionId })).toEqual(NOT_FOUND);
    }
  });
});

describe("UpdateSessions", () => {
  it("changes the living sessions that match, and counts them", async () => {
    const create = (userId: string, ...tags: string[]) => sidecar.run("CreateSession", { userId, tags });
    const [first, second, other, ended] = await Promise.all([
      create("bea", "org:b"),
      create("bea", "org:b", "role:x"),
      create("cleo", "org:b"),
      create("bea", "org:b"),
    ]);
    await sidecar.run("InvalidateSessionById", { sessionId: ended.sessionId });
    const changes = { tagsToAdd: ["seen:yes"], patchMetadata: { seen: 1 } };
    const update = (filter: object) => sidecar.command("UpdateSessions", { filter, ...changes });
    expect(await update({ userId: "bea", sessionTags: ["org:b"] })).toEqual({ status: 200, body: { updatedCount: 2 } });
    expect(await update({ sessionTags: ["role:x", "org:b"] })).toEqual({ status: 200, body: { updatedCount: 1 } });
    expect(await update({ userId: "nobody" })).toEqual({ status: 200, body: { updatedCount: 0 } });
    for (const { sessionToken } of [first, second]) {
      const session = await sidecar.run("ValidateSession", { sessionToken });
      expect(session).toMatchObject({ metadata: { seen: 1 }, tags: expect.arrayContaining(["seen:yes"]) });
    }
    expect(await sidecar.run("ValidateSession", { sessionToken: other.sessionToken })).toMatchObject({
      tags: ["org:b"],
    });
  });

  it.each([
    [{ newMetadata: 1, patchMetadata: 1 }, { type: "ConflictingMetadataOptions" }],
    [{ tagsToAdd: ["x"] }, { type: "InvalidTagFormat", details: { InvalidTagFormat: "x" } }],
    [{ tagsToRemove: ["type:a"] }, { type: "CannotModifyOnCreateOnlyTags", details: { tag_names: ["type"] } }],
  ])("refuses %j", async (changes, body) => {
    const before = await databaseState(sidecar);
    expect(await sidecar.command("UpdateSessions", { filter: { userId: "bea" }, ...changes })).toEqual({
      status: 400,
      body,
    });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("changes all that match or none", async () => {
    const full = Array.from({ length: 50 }, (_, index) => `n:${index}`);
    await sidecar.run("CreateSession", { userId: "dan", tags: full.slice(0, 2) });
    await sidecar.run("CreateSession", { userId: "dan", tags: full });
    const before = await databaseState(sidecar);
    const { status } = await sidecar.command("UpdateSessions", { filter: { userId: "dan" }, tagsToAdd: ["one:more"] });
    expect(status).toBe(400);
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("changes up to 1,000 sessions at once, and none of 1,001", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "many-0", tags: ["crowd:yes"] });
    const copy = (count: number, from: number) =>
      sidecar.sql(
        `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
         SELECT gen_random_uuid(), 'many-' || n, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since
         FROM byo.sessions, generate_series(${from}, ${from + count - 1}) AS n WHERE id = $1`,
        [sessionId],
      );
    await copy(1000, 1);
    const update = { filter: { sessionTags: ["crowd:yes"] }, tagsToAdd: ["crowd:counted"] };
    const before = await databaseState(sidecar);
    expect(await sidecar.command("UpdateSessions", update)).toEqual({
      status: 409,
      body: { type: "UpdatingTooManySessionsAtOnce" },
    });
    expect(await databaseState(sidecar)).toEqual(before);
    await sidecar.run("InvalidateSessionById", { sessionId });
    expect(await sidecar.command("UpdateSessions", update)).toEqual({ status: 200, body: { updatedCount: 1000 } });
  });
});
