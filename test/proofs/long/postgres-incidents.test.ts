import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { createPostgresCluster, type PostgresCluster } from "../../harness/postgres-cluster.ts";
import { runSql } from "../../harness/run-sql.ts";
import { launchSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";

/** What happens to a Postgres server, and to those who look after it. */

const MB = 2 ** 20;
const SOON = { timeout: 20_000, interval: 200 };

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "byo-incident-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function startCluster(...options: Parameters<typeof createPostgresCluster>): Promise<PostgresCluster> {
  const cluster = await createPostgresCluster(...options);
  stopAfterFile(() => cluster.destroy());
  return cluster;
}

/** A disk that is really full when it is full; as root on Linux. */
async function smallDisk(bytes: number): Promise<string> {
  const folder = await temporaryFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
  stopAfterFile(async () => void execFileSync("umount", ["--lazy", folder]));
  await chmod(folder, 0o755);
  return folder;
}

it("the server's disk is full: 503 with its reason, nothing confirmed is lost, and all works again", {
  timeout: 240_000,
}, async () => {
  const disk = await smallDisk(160 * MB);
  const cluster = await startCluster("newest", {
    parent: disk,
    settings: { min_wal_size: "32MB", max_wal_size: "32MB" },
  });
  const sidecar = await spawnTestSidecar({ env: { DATABASE_URL: cluster.urlOf("postgres"), SESSION_CACHE: "off" } });
  const confirmed = [(await sidecar.run("CreateSession", { userId: "ada" })).sessionToken];
  const ended: string[] = [];
  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, "filler"), Buffer.alloc(bavail * bsize, 1)).catch(() => {});

  // Until the log has no room: then the server gives up, again and again.
  const metadata = "x".repeat(50_000);
  const full = async () => {
    const { status, body } = await sidecar.command("CreateSession", { userId: "eve", metadata });
    if (status === 200) confirmed.push(String(body.sessionToken));
    expect(status).toBeOneOf([200, 503]);
    return status;
  };
  await vi.waitFor(async () => expect(await full()).toBe(503), { timeout: 60_000, interval: 0 });
  const last = confirmed.pop() ?? "";
  const { status } = await sidecar.command("InvalidateSessionByToken", { sessionToken: last });
  (status === 200 ? ended : confirmed).push(last);
  expect((await sidecar.get("/healthz")).status).toBe(200);

  await rm(join(disk, "filler"));
  await cluster.kill();
  await cluster.start();
  await vi.waitFor(async () => expect((await sidecar.get("/readyz")).status).toBe(200), SOON);
  await sidecar.run("CreateSession", { userId: "bob" });
  for (const sessionToken of confirmed) {
    expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
  }
  for (const sessionToken of ended) {
    expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 401 });
  }
});

it("a dump that is restored for another owner serves that owner, and tells the old one what is missing", {
  timeout: 120_000,
}, async () => {
  const cluster = await startCluster("oldest");
  const admin = cluster.urlOf("postgres");
  const urlAs = (role: string, database: string) => {
    const url = new URL(cluster.urlOf(database));
    url.username = role;
    return url.href;
  };
  for (const role of ["old_owner", "new_owner"]) await runSql(admin, `CREATE ROLE ${role} LOGIN`);
  await runSql(admin, "CREATE DATABASE before OWNER old_owner");
  await runSql(admin, "CREATE DATABASE after OWNER new_owner");
  const env = { SESSION_CACHE: "on", DATABASE_WAIT_SECS: "0" };
  const first = await spawnTestSidecar({ env: { ...env, DATABASE_URL: urlAs("old_owner", "before") } });
  const { sessionToken } = await first.run("CreateSession", { userId: "ada" });
  await first.kill("SIGTERM");
  const dump = join(await temporaryFolder(), "byo.dump");
  // Debian's package postgresql-client has these. If they are missing, the test fails.
  await promisify(execFile)("pg_dump", ["--format=custom", `--file=${dump}`, `--dbname=${cluster.urlOf("before")}`]);
  await promisify(execFile)("pg_restore", [
    ...["--no-owner", "--no-privileges", "--role=new_owner", "--exit-on-error"],
    ...[`--dbname=${cluster.urlOf("after")}`, dump],
  ]);

  const second = await spawnTestSidecar({ env: { ...env, DATABASE_URL: urlAs("new_owner", "after") } });
  expect(await second.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
  await vi.waitFor(async () => expect((await second.metrics()).get("byo_session_notifications_heard")).toBe(1), SOON);
  await second.kill("SIGTERM");

  const stranger = await launchSidecar({ env: { ...env, DATABASE_URL: urlAs("old_owner", "after") } });
  expect(await stranger.ended).toMatchObject({ code: 77 });
  expect(stranger.logText()).toContain('the role \\"old_owner\\" may not use everything in the schema byo');
  expect(stranger.logText()).toContain("set DATABASE_MIGRATION_URL to the role that owns it");
});

it("a collation of another version than the indexes were built with: the start says what to run", {
  timeout: 60_000,
}, async () => {
  const cluster = await startCluster("newest");
  await runSql(
    cluster.urlOf("postgres"),
    "CREATE DATABASE moved TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'",
  );
  const env = { DATABASE_URL: cluster.urlOf("moved") };
  const first = await spawnTestSidecar({ env });
  expect(first.logText()).not.toContain("REINDEX");
  await first.kill("SIGTERM");
  // As after an upgrade of the system below Postgres.
  await runSql(cluster.urlOf("postgres"), "UPDATE pg_database SET datcollversion = '1.0' WHERE datname = 'moved'");
  const second = await spawnTestSidecar({ env });
  expect(second.logText()).toContain("Run: REINDEX DATABASE moved; ALTER DATABASE moved REFRESH COLLATION VERSION");
  await second.kill("SIGTERM");
  await runSql(cluster.urlOf("moved"), "REINDEX DATABASE moved");
  await runSql(cluster.urlOf("moved"), "ALTER DATABASE moved REFRESH COLLATION VERSION");
  const third = await spawnTestSidecar({ env });
  expect(third.logText()).not.toContain("REINDEX");
});
