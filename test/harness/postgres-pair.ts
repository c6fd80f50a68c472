import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, vi } from "vitest";
import { stopAfterFile } from "./leftovers.ts";
import { createPostgresCluster, type PostgresCluster } from "./postgres-cluster.ts";
import { runSql } from "./run-sql.ts";

export interface PostgresPair {
  primary: PostgresCluster;
  standby: PostgresCluster;
  /** Waits until the standby has everything that the primary has committed. */
  caughtUp(): Promise<void>;
}

/** A primary, and a standby that follows it. */
export async function createPostgresPair(): Promise<PostgresPair> {
  const primary = await createPostgresCluster("newest");
  stopAfterFile(() => primary.destroy());
  await primary.stop();
  const standby = await createPostgresCluster("newest", {
    copyOf: primary,
    files: filesToFollow(primary),
  });
  stopAfterFile(() => standby.destroy());
  await primary.start();
  return {
    primary,
    standby,
    caughtUp: () => untilCaughtUp(primary, standby),
  };
}

/** Waits until a standby has everything that its primary has committed. */
export async function untilCaughtUp(primary: PostgresCluster, standby: PostgresCluster): Promise<void> {
  const [at] = await runSql<{ lsn: string }>(primary.urlOf("postgres"), "SELECT pg_current_wal_lsn() AS lsn");
  const has = "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS all";
  await vi.waitFor(
    async () => expect(await runSql(standby.urlOf("postgres"), has, [at?.lsn])).toEqual([{ all: true }]),
    { timeout: 15_000, interval: 50 },
  );
}

/** Makes a killed server a standby of another one, from a copy of its data: what the killed one has more is thrown away. */
export async function rejoin(killed: PostgresCluster, current: PostgresCluster): Promise<void> {
  await current.stop();
  const run = promisify(execFile);
  await rm(killed.dataDir, { recursive: true, force: true });
  await run("cp", ["-a", current.dataDir, killed.dataDir]);
  await current.start();
  for (const [name, content] of Object.entries(filesToFollow(current))) await killed.write(name, content);
  await killed.start();
}

function filesToFollow(primary: PostgresCluster): Record<string, string> {
  const primaryUrl = `host=127.0.0.1 port=${primary.port} user=byo application_name=standby`;
  return { "standby.signal": "", "postgresql.auto.conf": `primary_conninfo = '${primaryUrl}'\n` };
}
