import { expect, it, vi } from "vitest";
import { createPendingCommands } from "../src/sidecar/fast-path/pending.ts";

const ANSWER = { status: 200, body: "{}" };

it("a command waits for its answer, however many others are answered meanwhile", async () => {
  const pending = createPendingCommands(
    () => {},
    () => false,
  );
  const first = pending.add(1, "first", 60_000);
  for (let id = 2; id <= 3000; id++) {
    void pending.add(id, "other", 60_000);
    pending.delete(id);
  }
  expect([pending.underWay, pending.late]).toEqual([1, 0]);
  pending.get(1)?.resolve(ANSWER);
  await expect(first).resolves.toBe(ANSWER);
});

it("a late one stays known: its answer is not an error of the sidecar", async () => {
  const onLate = vi.fn();
  const pending = createPendingCommands(onLate, () => false);
  await expect(pending.add(1, "late", 1)).rejects.toThrow();
  for (let id = 2; id <= 3000; id++) {
    void pending.add(id, "other", 60_000);
    pending.delete(id);
  }
  expect(pending.get(1)).toMatchObject({ isLate: true, body: "" });
  expect([pending.underWay, pending.late]).toEqual([0, 1]);
  expect(onLate).toHaveBeenCalledOnce();
});
