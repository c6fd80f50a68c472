import { describe, expect, it } from "vitest";
import type { RefreshedSession } from "../../src/contract/index.ts";
import type { Question } from "../../src/sidecar/holds/held-answers.ts";
import { HoldTable } from "../../src/sidecar/holds/hold-table.ts";
import { Vouching } from "../../src/sidecar/holds/vouching.ts";

const QUESTION = { sessionToken: "token", ipAddress: "203.0.113.7", userAgent: "Firefox" };

function answerWith(changes: Partial<RefreshedSession> = {}): RefreshedSession {
  const times = { createdAt: 1_800_000_000, expiresAt: 1_800_086_400 };
  return { sessionId: "one", userId: "ada", ...times, hasDeviceRegistered: false, holdMs: 10_000, ...changes };
}

/** A table over connections whose sidecar vouches for everything until the test says otherwise. */
function createTable(maxHolds?: number) {
  const clock = { ms: 0 };
  const nowMs = () => clock.ms;
  const table = new HoldTable({ nowMs, ...(maxHolds !== undefined && { maxHolds }) });
  function connect(): Vouching {
    const vouching = new Vouching({ send: () => {}, nowMs, repeat: () => () => {} });
    vouching.untilMs = Number.POSITIVE_INFINITY;
    return vouching;
  }
  const vouching = connect();
  function keep(answer = answerWith(), question: Question = QUESTION, by = vouching, bytes = 300): void {
    table.keep(question, answer, table.asking, { vouching: by, forgets: by.forgets, bytes });
  }
  const isServed = (question: Question = QUESTION) => table.find(question.sessionToken ?? "", question) !== undefined;
  return { clock, table, vouching, connect, keep, isServed };
}

describe("a held answer", () => {
  it("serves a request that is equal in all that the answer depends on, and no other", () => {
    const { keep, isServed } = createTable();
    keep();
    expect(isServed()).toBe(true);
    expect(isServed({ ...QUESTION, sessionToken: "other" })).toBe(false);
    expect(isServed({ ...QUESTION, ipAddress: "203.0.113.8" })).toBe(false);
    expect(isServed({ sessionToken: "token", userAgent: "Firefox" })).toBe(false);
    expect(isServed({ ...QUESTION, userAgent: "firefox" })).toBe(false);
    expect(isServed({ ...QUESTION, ignoreDeviceForVerification: true })).toBe(false);
    // No device, so its cookie says nothing.
    expect(isServed({ ...QUESTION, deviceCookie: "any" })).toBe(true);
  });

  it("that has not counted as activity serves only requests that may not count either", () => {
    const { keep, isServed } = createTable();
    const poll = { ...QUESTION, activity: "none" } as const;
    keep(answerWith({ countedAsActivity: false }), poll);
    expect(isServed(poll)).toBe(true);
    expect(isServed({ ...QUESTION, activity: "later" })).toBe(true);
    expect(isServed()).toBe(false);
    // One that has counted serves all.
    keep();
    expect([isServed(), isServed(poll)]).toEqual([true, true]);
  });

  it("is for the device cookie that was its evidence", () => {
    const { keep, isServed } = createTable();
    keep(answerWith({ hasDeviceRegistered: true, deviceEvidence: "recent" }), { ...QUESTION, deviceCookie: "mine" });
    expect(isServed({ ...QUESTION, deviceCookie: "mine" })).toBe(true);
    expect(isServed({ ...QUESTION, deviceCookie: "other" })).toBe(false);
    expect(isServed()).toBe(false);
  });

  it("lasts as long as the sidecar says, from when it was asked", () => {
    const { clock, table, vouching, isServed } = createTable();
    const { asking } = table;
    clock.ms = 400;
    table.keep(QUESTION, answerWith({ holdMs: 1000 }), asking, { vouching, forgets: 0, bytes: 300 });
    clock.ms = 999;
    expect(isServed()).toBe(true);
    clock.ms = 1000;
    expect(isServed()).toBe(false);
  });

  it("counts only while the connection is vouched for, and that is counted", () => {
    const { clock, table, vouching, keep, isServed } = createTable();
    keep();
    vouching.untilMs = 500;
    clock.ms = 499;
    expect(isServed()).toBe(true);
    clock.ms = 500;
    expect(isServed()).toBe(false);
    expect(table.counts).toEqual({ granted: 1, served: 1, forgotten: 0, unvouched: 1, held: 1 });
  });

  it("goes when another client's answer comes for its token, when the token is refused, and without a grant", () => {
    const { table, vouching, keep, isServed } = createTable();
    const other = { ...QUESTION, ipAddress: "203.0.113.8" };
    keep();
    keep(answerWith(), other);
    expect([isServed(), isServed(other)]).toEqual([false, true]);
    table.refused(QUESTION);
    expect(isServed(other)).toBe(false);
    const { holdMs: _none, ...plain } = answerWith();
    for (const answer of [
      plain,
      answerWith({ holdMs: 0 }),
      answerWith({ holdMs: -1 }),
      answerWith({ holdMs: Number.NaN }),
    ]) {
      keep();
      table.keep(QUESTION, answer, table.asking, { vouching, forgets: 0, bytes: 300 });
      expect(isServed()).toBe(false);
    }
  });

  it("of a session goes with its successor's", () => {
    const { table, keep, isServed } = createTable();
    keep();
    keep(answerWith(), { ...QUESTION, sessionToken: "successor" });
    expect([isServed(), isServed({ ...QUESTION, sessionToken: "successor" }), table.counts.held]).toEqual([
      false,
      true,
      1,
    ]);
  });

  it("is not taken from an answer that came by no connection, an ended one, or before something was taken back", () => {
    const { table, vouching, connect, isServed } = createTable();
    const { asking } = table;
    table.keep(QUESTION, answerWith(), asking, undefined);
    expect(isServed()).toBe(false);
    const early = { vouching, forgets: vouching.forgets, bytes: 300 };
    vouching.forgets++;
    table.keep(QUESTION, answerWith(), asking, early);
    expect(isServed()).toBe(false);
    const ended = connect();
    ended.end();
    table.keep(QUESTION, answerWith(), asking, { vouching: ended, forgets: 0, bytes: 300 });
    expect(isServed()).toBe(false);
    table.noteChange();
    table.keep(QUESTION, answerWith(), asking, { vouching, forgets: vouching.forgets, bytes: 300 });
    expect(isServed()).toBe(false);
  });
});

describe("forgetting", () => {
  const questionOf = (token: string) => ({ ...QUESTION, sessionToken: token });

  function filled() {
    const made = createTable();
    const other = made.connect();
    made.keep(answerWith({ sessionId: "a", userId: "ada" }), questionOf("a"));
    made.keep(answerWith({ sessionId: "b", userId: "ada" }), questionOf("b"), other);
    made.keep(answerWith({ sessionId: "c", userId: "bob" }), questionOf("c"));
    const held = () => ["a", "b", "c"].filter((token) => made.isServed(questionOf(token))).join("");
    return { ...made, other, held };
  }

  it("takes what is meant and leaves the rest", () => {
    const cases: [(table: ReturnType<typeof filled>) => void, string][] = [
      [({ table }) => table.forgetSession("a"), "bc"],
      [({ table }) => table.forgetToken("b"), "ac"],
      [({ table }) => table.forgetUser("ada"), "c"],
      [({ table, other }) => table.forgetOf(other), "ac"],
      [({ table }) => table.forgetAll(), ""],
    ];
    for (const [forget, rest] of cases) {
      const table = filled();
      forget(table);
      expect(table.held()).toBe(rest);
      expect(table.table.counts.forgotten).toBe(3 - rest.length);
    }
  });

  it("does nothing for what nobody holds", () => {
    const { table, held } = filled();
    table.forgetSession("unknown");
    table.forgetSession("__proto__");
    table.forgetToken("unknown");
    table.forgetUser("unknown");
    expect([held(), table.counts.forgotten]).toEqual(["abc", 0]);
  });
});

describe("a process that holds too much", () => {
  it("keeps those that were used last", () => {
    const { table, keep, isServed } = createTable(2);
    const [a, b, c] = ["a", "b", "c"].map((token) => ({ ...QUESTION, sessionToken: token }));
    keep(answerWith({ sessionId: "a" }), a);
    keep(answerWith({ sessionId: "b" }), b);
    isServed(a);
    keep(answerWith({ sessionId: "c" }), c);
    expect([isServed(a), isServed(b), isServed(c)]).toEqual([true, false, true]);
    // What was pushed out is known by nothing any more.
    table.forgetUser("ada");
    expect(table.counts).toMatchObject({ held: 0, forgotten: 2 });
  });

  it("holds ten thousand of a flood, and no more than fit into memory", () => {
    const { table, keep } = createTable();
    for (let index = 0; index < 12_000; index++) {
      keep(answerWith({ sessionId: `${index}` }), { ...QUESTION, sessionToken: `${index}` });
    }
    expect(table.counts.held).toBe(10_000);
    for (let index = 0; index < 1000; index++) {
      keep(answerWith({ sessionId: `l${index}` }), { ...QUESTION, sessionToken: `l${index}` }, undefined, 64 * 1024);
    }
    expect(table.counts.held).toBeLessThan(300);
  });
});
