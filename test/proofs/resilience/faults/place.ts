import { setTimeout as sleep } from "node:timers/promises";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { type PgBouncer, runPgBouncer } from "../../../harness/pgbouncer.ts";
import { createPostgresCluster, type PostgresCluster } from "../../../harness/postgres-cluster.ts";
import { createPostgresPair, rejoin } from "../../../harness/postgres-pair.ts";
import { runSql } from "../../../harness/run-sql.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { startTcpProxy, type TcpProxy } from "../../../harness/tcp-proxy.ts";
import { LOAD_CONFIG } from "../crashes/load.ts";

/** Two replicas on something that can fail. */
export interface Place {
  /** Changes when a replica is replaced. */
  replicas: SpawnedSidecar[];
  startReplica(): Promise<SpawnedSidecar>;
}

async function withReplicas<T extends object>(env: Record<string, string>, rest: T): Promise<Place & T> {
  const startReplica = () =>
    spawnTestSidecar({ config: LOAD_CONFIG, env: { LOG_LEVEL: "warn", SESSION_CACHE: "on", ...env } });
  const replicas = [await startReplica(), await startReplica()];
  return { replicas, startReplica, ...rest };
}

export interface ServerPlace extends Place {
  postgres: PostgresCluster;
  /** Between the replicas and Postgres. */
  network: TcpProxy;
}

export async function onOneServer(): Promise<ServerPlace> {
  const postgres = await startPostgres();
  const network = await startTcpProxy(postgres.port);
  return withReplicas({ DATABASE_URL: `postgres://byo@127.0.0.1:${network.port}/postgres` }, { postgres, network });
}

async function startPostgres(): Promise<PostgresCluster> {
  const postgres = await createPostgresCluster("newest");
  stopAfterFile(() => postgres.destroy());
  return postgres;
}

export interface PoolerPlace extends Place {
  pooler: PgBouncer;
}

/** In transaction mode, with a way to Postgres itself for notifications. */
export async function behindPgBouncer(): Promise<PoolerPlace> {
  const postgres = await startPostgres();
  const direct = postgres.urlOf("postgres");
  const pooler = await runPgBouncer(direct, { mode: "transaction" });
  return withReplicas({ DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: direct }, { pooler });
}

export interface PairPlace extends Place {
  /** Kills the primary and promotes its synchronous standby. */
  failOver(): Promise<void>;
  /** Makes the killed one the standby of the other; between two faults. */
  rejoin(): Promise<void>;
  killStandby(): Promise<void>;
  restartStandby(): Promise<void>;
}

export async function onPair(): Promise<PairPlace> {
  const { primary, standby, caughtUp } = await createPostgresPair();
  let [current, next] = [primary, standby];
  const hosts = [primary, standby].map(({ port }) => `127.0.0.1:${port}`).join(",");
  const place = await withReplicas({ DATABASE_URL: `postgres://byo@${hosts}/postgres` }, {});
  await caughtUp();
  await waitForStandby(current);
  return {
    ...place,
    async failOver() {
      await current.kill();
      await runSql(next.urlOf("postgres"), "SELECT pg_promote()");
      [current, next] = [next, current];
    },
    async rejoin() {
      await rejoin(next, current);
      await waitForStandby(current);
    },
    killStandby: () => next.kill(),
    restartStandby: () => next.start(),
  };
}

/** From now on each commit waits for the standby. */
async function waitForStandby(primary: PostgresCluster): Promise<void> {
  const url = primary.urlOf("postgres");
  await runSql(url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await runSql(url, "SELECT pg_reload_conf()");
  const isThere = "SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'";
  while ((await runSql(url, isThere)).length === 0) await sleep(50);
}
