import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createPostgresCluster, type PostgresCluster } from "../../../harness/postgres-cluster.ts";
import { runSql } from "../../../harness/run-sql.ts";

export interface PostgresServer extends PostgresCluster {
  readonly url: string;
  /** kill -9 of the server's first process; the others notice and end by themselves. */
  killHard(): Promise<void>;
  /** Stops every process of the server where it stands, and gives a function that lets them go on. */
  freeze(): Promise<() => void>;
}

/** A Postgres server of its own, for a test that breaks it. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const cluster = await createPostgresCluster("newest");
  stopAfterFile(() => cluster.destroy());
  const url = cluster.urlOf("postgres");

  async function processIds(): Promise<{ first: number; others: number[] }> {
    const [row] = await runSql<{ data_directory: string }>(url, "SHOW data_directory");
    const [first] = (await readFile(join(row?.data_directory ?? "", "postmaster.pid"), "utf8")).split("\n");
    const others = await runSql<{ pid: number }>(url, "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
    return { first: Number(first), others: others.map(({ pid }) => pid) };
  }

  return {
    ...cluster,
    url,
    async killHard() {
      const { first, others } = await processIds();
      process.kill(first, "SIGKILL");
      while ([first, ...others].some(isRunning)) await sleep(20);
    },
    async freeze() {
      const { first, others } = await processIds();
      const all = [first, ...others];
      for (const pid of all) process.kill(pid, "SIGSTOP");
      return () => {
        for (const pid of all) if (isRunning(pid)) process.kill(pid, "SIGCONT");
      };
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
