import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { type BatchOptions, createBatch } from "../../src/engine/db/batch.ts";

/** A batch whose statements are answered when the test says so. */
function heldBatch(options: Omit<BatchOptions<number, string>, "run">) {
  const statements: { items: readonly number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const ask = createBatch<number, string>({
    ...options,
    run: (items) =>
      new Promise((resolve, reject) => {
        statements.push({ items, answer: () => resolve(items.map(String)), fail: reject });
      }),
  });
  return { ask, statements };
}

describe("what is asked within one turn of the event loop", () => {
  it("goes into one statement, and every caller gets its own answer", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 1, maxItems: 10 });
    const answers = Promise.all([3, 1, 2].map(ask));
    await setImmediate();
    expect(statements.map(({ items }) => items)).toEqual([[3, 1, 2]]);
    statements[0]?.answer();
    expect(await answers).toEqual(["3", "1", "2"]);
  });

  it("waits while enough statements are running, and makes the next one larger", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 1, maxItems: 10 });
    const first = ask(1);
    await setImmediate();
    const later = [ask(2)];
    await setImmediate();
    later.push(ask(3));
    await setImmediate();
    expect(statements).toHaveLength(1);
    statements[0]?.answer();
    expect(await first).toBe("1");
    await setImmediate();
    expect(statements[1]?.items).toEqual([2, 3]);
    statements[1]?.answer();
    expect(await Promise.all(later)).toEqual(["2", "3"]);
  });

  it("is split if it is more than one statement may carry", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 2, maxItems: 2 });
    const answers = Promise.all([1, 2, 3].map(ask));
    await setImmediate();
    await setImmediate();
    expect(statements.map(({ items }) => items)).toEqual([[1, 2], [3]]);
    for (const { answer } of statements) answer();
    expect(await answers).toEqual(["1", "2", "3"]);
  });

  it("is distributed over the statements that may run, if there is enough for each", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 2, maxItems: 500 });
    const few = Promise.all(Array.from({ length: 23 }, (_, item) => ask(item)));
    await setImmediate();
    await setImmediate();
    expect(statements.map(({ items }) => items.length)).toEqual([23]);
    statements[0]?.answer();
    expect(await few).toHaveLength(23);
    const many = Promise.all(Array.from({ length: 33 }, (_, item) => ask(item)));
    await setImmediate();
    await setImmediate();
    expect(statements.map(({ items }) => items.length)).toEqual([23, 17, 16]);
    for (const { answer } of statements) answer();
    expect(await many).toEqual(Array.from({ length: 33 }, (_, item) => String(item)));
  });

  it("waits for the one statement that runs, however much it is", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 2, maxItems: 500, aloneForMs: 60_000 });
    const answers = Array.from({ length: 33 }, (_, item) => ask(item));
    await setImmediate();
    answers.push(...Array.from({ length: 33 }, (_, item) => ask(33 + item)));
    await setImmediate();
    await setImmediate();
    expect(statements.map(({ items }) => items.length)).toEqual([33]);
    statements[0]?.answer();
    await answers[0];
    await setImmediate();
    expect(statements.map(({ items }) => items.length)).toEqual([33, 33]);
    statements[1]?.answer();
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 66 }, (_, item) => String(item)));
  });

  it("passes a statement that is stuck, and does not wait for two", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 2, maxItems: 500, aloneForMs: 250 });
    const stuck = ask(1);
    await setImmediate();
    const second = ask(2);
    await vi.waitFor(() => expect(statements).toHaveLength(2));
    const third = ask(3);
    // The first one must not end the wait for the second.
    statements[0]?.answer();
    expect(await stuck).toBe("1");
    await setImmediate();
    await setImmediate();
    expect(statements).toHaveLength(2);
    statements[1]?.answer();
    expect(await second).toBe("2");
    await vi.waitFor(() => expect(statements).toHaveLength(3));
    statements[2]?.answer();
    expect(await third).toBe("3");
  });

  it("fails together, and what comes after does not", async () => {
    const { ask, statements } = heldBatch({ maxRunning: 1, maxItems: 10 });
    const failed = Promise.allSettled([ask(1), ask(2)]);
    await setImmediate();
    statements[0]?.fail(new Error("away"));
    expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const next = ask(3);
    await setImmediate();
    statements[1]?.answer();
    expect(await next).toBe("3");
  });
});
