import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { beforeEach, expect, it, vi } from "vitest";
import { migrate } from "../../../../sidecar/src/engine/db/migrate.ts";
import { openPostgres } from "../../../../sidecar/src/engine/db/postgres.ts";
import { freePort } from "../../../harness/free-port.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { runSql } from "../../../harness/run-sql.ts";
import { launchSidecar } from "../../../harness/spawned-sidecar.ts";
import { startTcpProxy } from "../../../harness/tcp-proxy.ts";
import { createTestDatabase, type TestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../../sidecar/migrations/", import.meta.url));

let database: TestDatabase;
let url: URL;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  url = new URL(database.env.DATABASE_URL ?? "");
});

/** A role of this database alone, and the URL to connect as it. */
async function createRole(name: string): Promise<string> {
  const role = `${name}_${url.pathname.slice(6, 14)}`;
  await database.sql(`CREATE ROLE ${role} LOGIN`);
  const own = new URL(url);
  own.username = role;
  return own.href;
}

it("a role that may change nothing is told so before anything has changed", async () => {
  const DATABASE_URL = await createRole("service");
  const start = startTestSidecar({ database, env: { DATABASE_URL } });
  await expect(start).rejects.toThrow(/may not create a schema in the database .* set DATABASE_MIGRATION_URL/);
  expect(await database.sql("SELECT FROM pg_namespace WHERE nspname = 'byo'")).toEqual([]);
});

it("one role migrates, and another serves without a right to change the schema", async () => {
  const [service, owner] = [await createRole("service"), await createRole("owner")];
  await database.sql(`GRANT CREATE ON DATABASE ${url.pathname.slice(1)} TO ${new URL(owner).username}`);
  // As a hardened server has it: nobody may call the functions of others.
  await runSql(owner, "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC");
  const env = { DATABASE_URL: service, DATABASE_MIGRATION_URL: owner, SESSION_CACHE: "on" };
  const sidecar = await startTestSidecar({ database, env });
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
  // The owner has turned on what only an owner may.
  await vi.waitFor(async () => expect((await sidecar.metrics()).get("byo_session_notifications_heard")).toBe(1));
  await expect(runSql(service, "CREATE TABLE byo.other ()")).rejects.toThrow("permission denied");
  await expect(runSql(service, "DROP TABLE byo.sessions")).rejects.toThrow("must be owner");
  await sidecar.stop();

  const alone = await startTestSidecar({ database, env: { DATABASE_URL: service } });
  await alone.run("CreateSession", { userId: "ada" });
  await alone.stop();

  const stranger = await createRole("stranger");
  await expect(startTestSidecar({ database, env: { DATABASE_URL: stranger } })).rejects.toThrow(
    /"stranger_.*" may not use everything in the schema byo: set DATABASE_MIGRATION_URL/,
  );

  await database.sql("DELETE FROM byo.migrations WHERE version = (SELECT max(version) FROM byo.migrations)");
  await expect(startTestSidecar({ database, env: { DATABASE_URL: service } })).rejects.toThrow(
    /may not change the schema byo, which needs a migration: set DATABASE_MIGRATION_URL/,
  );
});

it("a migration that waits for a reader lets everyone else pass", { timeout: 30_000 }, async () => {
  const first = await startTestSidecar({ database, env: { SESSION_CACHE: "off" } });
  const { sessionToken } = await first.run("CreateSession", { userId: "ada" });
  const reader = new pg.Client({ connectionString: url.href });
  await reader.connect();
  stopAfterFile(() => reader.end());
  await reader.query("BEGIN; SELECT count(*) FROM byo.sessions");
  const folder = await mkdtemp(join(tmpdir(), "byo-migrations-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  await cp(MIGRATIONS, folder, { recursive: true });
  await writeFile(join(folder, "000999.sql"), "ALTER TABLE byo.sessions ADD COLUMN later text");
  const db = openPostgres({ connectionString: url.href });
  stopAfterFile(() => db.close());
  const onBlocked = vi.fn();
  const migrated = migrate(db, { folder, onBlocked });
  const answers: { status: number; tookMs: number }[] = [];
  for (let round = 0; round < 25; round++) {
    const startMs = performance.now();
    const { status } = await first.command("ValidateAndRefreshSession", { sessionToken });
    answers.push({ status, tookMs: performance.now() - startMs });
    await sleep(100);
  }
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(1500);
  await reader.query("COMMIT");
  await migrated;
  expect(onBlocked).toHaveBeenCalledOnce();
  expect(await database.sql("SELECT later FROM byo.sessions")).toEqual([{ later: null }]);
});

it("a start waits for a database that is still coming", { timeout: 30_000 }, async () => {
  const proxy = await startTcpProxy(Number(url.port));
  await proxy.cut();
  const through = new URL(url);
  through.port = String(proxy.port);
  const starting = startTestSidecar({ database, env: { DATABASE_URL: through.href } });
  await sleep(1500);
  await proxy.restore();
  const sidecar = await starting;
  expect(sidecar.logText()).toContain("the database does not accept connections yet; waiting for it");
  await sidecar.run("CreateSession", { userId: "ada" });
  const nobody = `postgres://byo@127.0.0.1:${await freePort()}/byo`;
  const stopped = await launchSidecar({ database, env: { DATABASE_URL: nobody } });
  await vi.waitFor(() => expect(stopped.logText()).toContain("waiting for it"), { timeout: 10_000 });
  expect(await stopped.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  const startMs = performance.now();
  await expect(startTestSidecar({ env: { DATABASE_URL: nobody, DATABASE_WAIT_SECS: "0" } })).rejects.toThrow();
  expect(performance.now() - startMs).toBeLessThan(5000);
});
