import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuditLog } from "../../src/engine/audit/audit-log.ts";
import { type Database, DatabaseUnavailable } from "../../src/engine/db/database.ts";
import { openMemoryDatabase } from "../../src/engine/db/memory.ts";
import { createProgressStore } from "../../src/engine/garbage-collection/progress-store.ts";
import { createStepRunner } from "../../src/engine/garbage-collection/run-step.ts";
import type { CollectionStep } from "../../src/engine/garbage-collection/step.ts";

let db: Database;
let stopping = false;

beforeAll(async () => {
  db = await openMemoryDatabase();
});
afterAll(() => db.close());

function runner(collected: number[] = []) {
  const audit = createAuditLog({ db, writeLine() {}, onFlushError() {}, clock: Date.now });
  return createStepRunner({
    audit,
    activity: { latest: () => undefined },
    onCollected: (_step, count) => collected.push(count),
    isStopping: () => stopping,
  });
}

it("continues where it stopped, also in another process, and is done when nothing is left", async () => {
  const asked: (string | null)[] = [];
  const step: CollectionStep = {
    name: "in_three_parts",
    async batch({ from }) {
      asked.push(from);
      stopping = from === "1";
      const next = String(Number(from ?? 0) + 1);
      return { count: 5, next: next === "3" ? null : next };
    },
  };
  const collected: number[] = [];
  expect(await runner(collected).run(step)).toBe("unfinished");
  expect((await createProgressStore(db).ages([step.name])).size).toBe(0);
  stopping = false;
  expect(await runner(collected).run(step)).toBe("done");
  expect(asked).toEqual([null, "1", "2"]);
  expect(collected).toEqual([5, 5, 5]);
  expect((await createProgressStore(db).ages([step.name])).get(step.name)).toBeLessThan(10_000);
  expect(await createProgressStore(db).position(step.name)).toBeNull();
});

it("tries smaller parts after one that the database did not manage in time, and larger ones again later", async () => {
  const sizes: number[] = [];
  let isSlow = true;
  const step: CollectionStep = {
    name: "too_much",
    async batch({ size }) {
      sizes.push(size);
      if (isSlow) throw new DatabaseUnavailable("canceling statement due to statement timeout");
      return { count: size, next: sizes.length < 6 ? "more" : null };
    },
  };
  const running = runner();
  for (let time = 0; time < 2; time++) await expect(running.run(step)).rejects.toThrow(DatabaseUnavailable);
  isSlow = false;
  expect(await running.run(step)).toBe("done");
  expect(sizes).toEqual([2000, 1000, 500, 1000, 2000, 2000]);
});
