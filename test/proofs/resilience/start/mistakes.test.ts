import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { explain } from "../../../../sidecar/src/engine/causes/explain.ts";
import { resultTable } from "../../../harness/result-table.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { MISTAKES } from "./mistakes.ts";
import { createPlace, type Place } from "./place.ts";

const FILE = fileURLToPath(new URL("../../../../docs/results/start-mistakes.md", import.meta.url));
const HEAD = `# What a start says

Each row is a mistake that a test makes, and what the sidecar then writes before it exits with the code. The numbers of
ports, and names that change with each run, are replaced.

`;
const SECRET = "hunter2";
const rows = new Map<string, { mistake: string; exit: number; "it says": string }>();
let place: Place;

beforeAll(async () => {
  place = await createPlace();
});

it.each(MISTAKES)("$mistake", { timeout: 30_000 }, async ({ mistake, make, exit, says }) => {
  const env = { DATABASE_WAIT_SECS: "0", ...(await make(place)) };
  const error = await startTestSidecar({ env }).then(
    async (sidecar) => {
      await sidecar.stop();
      throw new Error("the sidecar has started");
    },
    (reason: unknown) => reason,
  );
  const explained = explain(error);
  expect(explained.message).toMatch(says);
  expect(explained.message).not.toMatch(/\n {4}at /);
  expect(explained.message).not.toContain(SECRET);
  expect(explained.exit).toBe(exit);
  rows.set(mistake, { mistake, exit, "it says": place.withoutChance(explained.message) });
});

it("are at least fifteen, and the table of them is current", async () => {
  expect(rows.size).toBe(MISTAKES.length);
  expect(rows.size).toBeGreaterThanOrEqual(15);
  const table = resultTable(MISTAKES.flatMap(({ mistake }) => rows.get(mistake) ?? []));
  await expect(`${HEAD}${table}\n`).toMatchFileSnapshot(FILE);
});
