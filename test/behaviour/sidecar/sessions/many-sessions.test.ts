import type { CommandData, CommandResponse } from "@byo-session/core/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { databaseState } from "../database-state.ts";
import { invalid, logIn, validate } from "../login.ts";

const CROWD = 2300;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

/** Sessions of many users who carry one tag, and one without it. */
async function crowd(org: string, count: number) {
  const { sessionId } = await logIn(sidecar, { tags: [`org:${org}`] });
  await sidecar.sql(
    `INSERT INTO byo.sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'user_id', 'user-' || n))).*
     FROM byo.sessions s CROSS JOIN generate_series(2, $2) AS n WHERE s.id = $1`,
    [sessionId, count],
  );
  return { sessionTags: [`org:${org}`] };
}

async function countOf(sessionTags: string[]): Promise<number> {
  return (await sidecar.run("FetchAllSessions", { sessionTags })).totalCount;
}

/** Goes on until there is no further part, and gives the answers. */
async function inParts<C extends "UpdateSessions" | "InvalidateSessions">(command: C, data: CommandData[C]) {
  const answers: CommandResponse[C][] = [];
  let pagingToken: string | undefined = "";
  while (pagingToken !== undefined) {
    const answer: CommandResponse[C] = await sidecar.run(command, { ...data, pagingToken });
    answers.push(answer);
    pagingToken = answer.nextPagingToken;
  }
  return answers;
}

describe("InvalidateSessions", () => {
  it("ends all of a tag without naming a user, in parts of a thousand, and nothing else", async () => {
    const other = await logIn(sidecar, { tags: ["org:other"] });
    const filter = await crowd("big", CROWD);
    const member = await logIn(sidecar, { tags: ["org:big", "role:admin"] });
    const answers = await inParts("InvalidateSessions", { filter });
    expect(answers.map(({ sessionsInvalidated }) => sessionsInvalidated)).toEqual([1000, 1000, CROWD - 1999]);
    expect(answers.at(-1)).not.toHaveProperty("nextPagingToken");
    expect(await countOf(filter.sessionTags)).toBe(0);
    expect(await validate(sidecar, member.token)).toEqual(invalid("Revoked"));
    expect((await validate(sidecar, other.token)).status).toBe(200);
  });

  it("goes on without the paging token too: what has ended is no part of it any more", async () => {
    const filter = await crowd("again", 1500);
    const counts = [];
    for (let at = 0; at < 3; at++) {
      counts.push((await sidecar.run("InvalidateSessions", { filter })).sessionsInvalidated);
    }
    expect(counts).toEqual([1000, 500, 0]);
  });

  it("keeps to the user and to every tag of the filter", async () => {
    const [ada, bob] = [await logIn(sidecar, { tags: ["a:1", "b:1"] }), await logIn(sidecar, { tags: ["a:1"] })];
    const end = (filter: object) => sidecar.run("InvalidateSessions", { filter });
    expect(await end({ sessionTags: ["a:1", "b:1"], userId: bob.userId })).toEqual({ sessionsInvalidated: 0 });
    expect(await end({ sessionTags: ["a:1", "b:1"] })).toEqual({ sessionsInvalidated: 1 });
    expect(await validate(sidecar, ada.token)).toEqual(invalid("Revoked"));
    expect(await end({ userId: bob.userId })).toEqual({ sessionsInvalidated: 1 });
  });

  it("tells the trail of each session and, once a call, how many", async () => {
    const { sessionId, userId } = await logIn(sidecar, { tags: ["org:told"] });
    await sidecar.run("InvalidateSessions", { filter: { sessionTags: ["org:told"] } });
    const rows = await sidecar.sql<{ event: string; actor: string; details: object }>(
      `SELECT event, actor, details FROM byo.audit_events
       WHERE event IN ('SessionEnded', 'SessionsEnded') ORDER BY id DESC LIMIT 2`,
    );
    expect(rows).toEqual([
      { event: "SessionsEnded", actor: expect.stringMatching(/^key:/), details: { target: "tag org:told", ended: 1 } },
      { event: "SessionEnded", actor: expect.stringMatching(/^key:/), details: { bulk: "tag org:told" } },
    ]);
    const session = await sidecar.sql("SELECT user_id, end_reason FROM byo.sessions WHERE id = $1", [sessionId]);
    expect(session).toEqual([{ user_id: userId, end_reason: "Revoked" }]);
  });
});

describe("InvalidateSessions with `once`", () => {
  let orders = 0;
  const orderOf = (filter: object, attemptId = "first") => ({
    filter,
    once: { id: `order ${orders}`, keptUntil: Math.floor(Date.now() / 1000) + 600, attemptId },
  });
  const DONE = { status: 409, body: { type: "AlreadyDone" } };

  it("carries out an order once, and knows an attempt that is sent again", async () => {
    orders++;
    const { token } = await logIn(sidecar, { tags: ["once:a"] });
    const order = orderOf({ sessionTags: ["once:a"] });
    expect(await sidecar.run("InvalidateSessions", order)).toEqual({ sessionsInvalidated: 1 });
    expect(await validate(sidecar, token)).toEqual(invalid("Revoked"));
    const again = await logIn(sidecar, { tags: ["once:a"] });
    expect(await sidecar.command("InvalidateSessions", orderOf(order.filter, "second"))).toMatchObject(DONE);
    expect((await validate(sidecar, again.token)).status).toBe(200);
    expect(await sidecar.run("InvalidateSessions", order)).toEqual({ sessionsInvalidated: 1 });
  });

  it("is done only with the last part, so that another attempt can go on", async () => {
    orders++;
    const filter = await crowd("half-way", CROWD);
    const first = await sidecar.run("InvalidateSessions", { ...orderOf(filter), pagingToken: "" });
    expect(first).toEqual({ sessionsInvalidated: 1000, nextPagingToken: expect.any(String) });
    const answers = await inParts("InvalidateSessions", orderOf(filter, "second"));
    expect(answers.map(({ sessionsInvalidated }) => sessionsInvalidated)).toEqual([1000, CROWD - 2000]);
    expect(await sidecar.command("InvalidateSessions", { ...orderOf(filter), pagingToken: "" })).toMatchObject(DONE);
  });

  it("is carried out by one of many that come at the same time", async () => {
    orders++;
    await logIn(sidecar, { tags: ["once:race"] });
    const attempts = Array.from({ length: 10 }, (_, at) => orderOf({ sessionTags: ["once:race"] }, `attempt ${at}`));
    const answers = await Promise.all(attempts.map((order) => sidecar.command("InvalidateSessions", order)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
  });

  it.each([
    [{ id: "", keptUntil: 1, attemptId: "a" }, "once.id: expected a string that is not empty"],
    [{ id: "a", keptUntil: 1.5, attemptId: "a" }, "once.keptUntil: expected whole Unix seconds"],
    [{ id: "a", keptUntil: 1 }, "once.attemptId: expected a string"],
  ])("refuses %j", async (once, details) => {
    const answer = await sidecar.command("InvalidateSessions", { filter: { userId: "u" }, once });
    expect(answer).toMatchObject({ status: 400, body: { details } });
  });
});

it.each([
  [{ userId: "u", sessionTags: [] }, "user u"],
  [{ userId: "u", sessionTags: ["a:1", "b:1"] }, "user u with tags a:1, b:1"],
  [{ sessionTags: ["a:1", "b:1", "c:1", "d:1", "e:1"] }, "tags a:1, b:1, c:1, 2 more"],
])("the trail names the filter %j in few words", async (filter, target) => {
  await sidecar.run("InvalidateSessions", { filter });
  const [row] = await sidecar.sql<{ details: object }>(
    "SELECT details FROM byo.audit_events WHERE event = 'SessionsEnded' ORDER BY id DESC LIMIT 1",
  );
  expect(row?.details).toEqual({ target, ended: 0 });
});

describe("UpdateSessions in parts", () => {
  it("changes each session once, however many there are, though all of them go on to match", async () => {
    const filter = await crowd("update", CROWD);
    const state = await databaseState(sidecar);
    expect(await sidecar.command("UpdateSessions", { filter, tagsToAdd: ["x:y"] })).toMatchObject({ status: 409 });
    expect(await databaseState(sidecar)).toEqual(state);
    const answers = await inParts("UpdateSessions", { filter, tagsToAdd: ["wave:2"] });
    expect(answers.map(({ updatedCount }) => updatedCount)).toEqual([1000, 1000, CROWD - 2000]);
    expect(await countOf([...filter.sessionTags, "wave:2"])).toBe(CROWD);
    const [most] = await sidecar.sql(
      "SELECT max(n)::int AS n FROM (SELECT count(*) AS n FROM byo.audit_events WHERE event = 'SessionUpdated' GROUP BY session_id) AS counts",
    );
    expect(most).toEqual({ n: 1 });
  });
});

it.each<["UpdateSessions" | "InvalidateSessions", object, string]>([
  ["InvalidateSessions", { filter: {} }, "filter: expected a userId or sessionTags"],
  ["InvalidateSessions", { filter: { sessionTags: [] } }, "filter: expected a userId or sessionTags"],
  ["InvalidateSessions", {}, "filter: expected an object"],
  ["InvalidateSessions", { filter: { sessionTags: ["a:b"] }, pagingToken: "1 OR 1=1" }, "pagingToken: expected"],
  ["UpdateSessions", { filter: { sessionTags: ["a:b"] }, pagingToken: "x" }, "pagingToken: expected"],
  ["UpdateSessions", { filter: {}, pagingToken: "" }, "filter: expected a userId or sessionTags"],
])("%s of %j changes nothing and says what was expected", async (command, data, details) => {
  const before = await databaseState(sidecar);
  expect(await sidecar.command(command, data)).toEqual({
    status: 400,
    body: { type: "UnexpectedError", details: expect.stringContaining(details) },
  });
  expect(await databaseState(sidecar)).toEqual(before);
});
