import { describe, expect, it } from "vitest";
import { createGrant } from "../../src/engine/holds/grant.ts";
import { createInterestTable } from "../../src/engine/holds/interest.ts";

/** A table with the test's clock, and connections that write down what they are told. */
function createTable(maxEntries?: number) {
  const clock = { ms: 0 };
  const table = createInterestTable({ nowMs: () => clock.ms, ...(maxEntries !== undefined && { maxEntries }) });
  const counts = { granted: 0, full: 0 };
  const state = { hears: true };
  const holds = {
    hears: () => state.hears,
    metrics: { granted: () => counts.granted++, full: () => counts.full++, forgetPushed() {}, beat() {} },
  };
  function connect() {
    const told: string[] = [];
    const interests = table.join((id) => told.push(id));
    /** A validation from its beginning to its answer, with what happens meanwhile. */
    function answer(id: string, holdMs: number, meanwhile: () => void = () => {}): number | undefined {
      const grant = createGrant(interests, holds);
      grant.prepare(id);
      meanwhile();
      grant.offer(holdMs);
      return grant.settle();
    }
    return { told, interests, answer };
  }
  return { clock, table, counts, state, holds, connect };
}

describe("an answer", () => {
  it("may be held, and its connection is told once when the session changes", () => {
    const { table, connect } = createTable();
    const [here, there] = [connect(), connect()];
    expect(here.answer("one", 10_000)).toBe(10_000);
    table.forget("one");
    table.forget("one");
    expect([here.told, there.told, table.size]).toEqual([["one"], [], 0]);
  });

  it("may not be held where a change was heard after its interest was noted", () => {
    const { table, connect } = createTable();
    const { answer, told } = connect();
    expect(answer("one", 10_000, () => table.forget("one"))).toBeUndefined();
    expect(answer("one", 10_000, () => table.forgetAll())).toBeUndefined();
    expect(answer("one", 10_000, () => table.forget("other"))).toBe(10_000);
    table.forget("one");
    expect(told).toEqual(["*", "one"]);
  });

  it("may not be held while the replica does not hear, before the read or after it", () => {
    const { state, table, connect } = createTable();
    const { answer } = connect();
    state.hears = false;
    expect(answer("one", 10_000, () => (state.hears = true))).toBeUndefined();
    expect(answer("one", 10_000, () => (state.hears = false))).toBeUndefined();
    state.hears = true;
    expect(answer("one", 10_000)).toBe(10_000);
    expect(table.size).toBe(1);
  });

  it("that is not to be held leaves nothing behind, nor does one that comes after its deadline", () => {
    const { table, holds, connect } = createTable();
    const { answer, interests } = connect();
    for (const holdMs of [0, 0.9, -5, Number.NaN]) expect(answer("one", holdMs)).toBeUndefined();
    const late = createGrant(interests, holds);
    expect(late.settle()).toBeUndefined();
    late.prepare("one");
    late.offer(1000);
    expect(table.size).toBe(0);
  });

  it("that was held before is still told, where a second one is not to be held", () => {
    const { table, connect } = createTable();
    const { answer, told } = connect();
    answer("one", 10_000);
    answer("one", 0);
    table.forget("one");
    expect(told).toEqual(["one"]);
  });
});

describe("the table of interests", () => {
  it("is bounded for all connections, grants nothing when full, and has room again when the holds are over", () => {
    const { clock, table, counts, connect } = createTable(3);
    const [here, there] = [connect(), connect()];
    for (const id of ["a", "b"]) expect(here.answer(id, 1000)).toBe(1000);
    expect(there.answer("a", 1000)).toBe(1000);
    expect(there.answer("b", 1000)).toBeUndefined();
    expect(there.interests.watch("c")).toBe(false);
    // Those that are in it are not pushed out by a flood.
    for (let index = 0; index < 1000; index++) here.answer(`flood-${index}`, 1000);
    expect([table.size, counts.granted, counts.full]).toEqual([3, 3, 1001]);
    clock.ms = 2000;
    here.interests.sweep();
    there.interests.sweep();
    expect(table.size).toBe(0);
    expect(there.answer("b", 1000)).toBe(1000);
  });

  it("says nothing of what is no longer held, nor to a connection that has ended", () => {
    const { clock, table, connect } = createTable();
    const { answer, told, interests } = connect();
    answer("one", 1000);
    clock.ms = 1000;
    table.forget("one");
    answer("two", 1000);
    interests.end();
    table.forget("two");
    table.forgetAll();
    expect([told, table.size]).toEqual([[], 0]);
  });

  it("reports what is watched each time, until it is not", () => {
    const { clock, table, connect } = createTable();
    const { told, interests } = connect();
    interests.watch("one");
    clock.ms = 100_000;
    interests.sweep();
    table.forget("one");
    table.forget("one");
    table.forgetAll();
    interests.unwatch("one");
    interests.unwatch("unknown");
    table.forget("one");
    expect([told, table.size]).toEqual([["one", "one", "*"], 0]);
  });
});
