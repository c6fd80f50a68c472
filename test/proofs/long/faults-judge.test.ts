import { expect, it } from "vitest";
import { createTestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { LOAD_CONFIG } from "../resilience/crashes/load.ts";
import { BUGS, plant } from "../resilience/faults/bugs.ts";
import { startClients } from "../resilience/faults/clients.ts";
import { judge } from "../resilience/faults/judge.ts";

const ANSWERS = 150;

async function brokenPromises(bug?: (typeof BUGS)[number]): Promise<string[]> {
  const database = await createTestDatabase();
  // No cache: it would hide for a while what a bug does behind the sidecar.
  const sidecar = await startTestSidecar({ database, config: LOAD_CONFIG, env: { SESSION_CACHE: "off" } });
  const clients = startClients({ replicas: [sidecar] });
  const remove = bug && (await plant(bug, database));
  await clients.answered(ANSWERS);
  const histories = await clients.audit();
  await remove?.();
  await sidecar.stop();
  return [...new Set(judge(histories).map(({ promise }) => promise))];
}

it("finds nothing where nothing is wrong", { timeout: 60_000 }, async () => {
  expect(await brokenPromises()).toEqual([]);
});

it.each(BUGS)("finds it if $what", { timeout: 60_000 }, async (bug) => {
  expect(await brokenPromises(bug)).toContain(bug.breaks);
});
