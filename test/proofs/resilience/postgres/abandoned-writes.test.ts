import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it, vi } from "vitest";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createPostgresCluster } from "../../../harness/postgres-cluster.ts";
import { runSql } from "../../../harness/run-sql.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";

const POOL_SIZE = 6;
const RECOVERY = { timeout: 10_000, interval: 100 };
let url: string;
let sidecar: TestSidecar;

beforeAll(async () => {
  const cluster = await createPostgresCluster("newest");
  stopAfterFile(() => cluster.destroy());
  url = cluster.urlOf("postgres");
  const env = { DATABASE_URL: url, DATABASE_POOL_SIZE: String(POOL_SIZE), SESSION_CACHE: "off" };
  sidecar = await startTestSidecar({ env });
});

async function backends(): Promise<number> {
  const [row] = await runSql<{ count: number }>(
    url,
    "SELECT count(*)::integer AS count FROM pg_stat_activity WHERE application_name = 'byo-session'",
  );
  return row?.count ?? 0;
}

async function setStandbys(names: string): Promise<void> {
  await runSql(url, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
  await runSql(url, "SELECT pg_reload_conf()");
}

it("are bounded and counted while the synchronous standby is gone, and reads go on", { timeout: 60_000 }, async () => {
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  const sessions = await Promise.all(
    Array.from({ length: 2 * POOL_SIZE }, (_, at) => sidecar.run("CreateSession", { userId: `user-${at}` })),
  );
  await setStandbys("lost");
  await sleep(200);
  const counts: number[] = [];
  // Each round is longer than a write is waited for, so each would leave its connections behind.
  for (let round = 0; round < 2; round++) {
    const writes = sessions.map(({ sessionId }) => sidecar.command("UpdateSession", { sessionId, newMetadata: round }));
    await sleep(1000);
    const startMs = performance.now();
    expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect(await sidecar.get("/readyz")).toMatchObject({ status: 200 });
    for (const { status, body } of await Promise.all(writes)) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ type: "UnexpectedError" });
    }
    counts.push(await backends());
  }
  // More than twice as many writes as fit have been given up by now.
  expect(Math.max(...counts)).toBeLessThanOrEqual(POOL_SIZE);
  const metrics = await sidecar.metrics();
  expect(metrics.get("byo_database_abandoned_writes")).toBeGreaterThan(0);
  expect(metrics.get("byo_database_abandoned_writes_total")).toBeGreaterThan(0);
  expect(sidecar.logText()).toContain("a synchronous standby may be down");

  await setStandbys("");
  await vi.waitFor(
    async () => expect(await sidecar.command("CreateSession", { userId: "bob" })).toMatchObject({ status: 200 }),
    RECOVERY,
  );
  await vi.waitFor(
    async () => expect((await sidecar.metrics()).get("byo_database_abandoned_writes")).toBe(0),
    RECOVERY,
  );
});
