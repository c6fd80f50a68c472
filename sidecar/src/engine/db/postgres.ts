import pg from "pg";
import { type Database, DatabaseUnavailable, type Statement } from "./database.ts";
import { createAbandoned } from "./server/abandoned.ts";
import { connecting } from "./server/connecting.ts";
import { listen } from "./server/listen.ts";
import { createOutage } from "./server/outage.ts";
import { createPermits, type GiveBack } from "./server/permits.ts";
import { createServers } from "./server/servers.ts";
import type { Pooler } from "./server/standing.ts";
import { answered, isRead, runStatement } from "./server/statements.ts";
import { CONNECT_TIMEOUT_MS, QUERY_TIMEOUT_MS, TIME_LIMITS } from "./server/time-limits.ts";

export interface PostgresOptions {
  connectionString: string;
  /** The setting that says so, for errors. Default: DATABASE_URL. */
  setting?: string;
  /** Leads past a pooler, for notifications. Default: `connectionString`. */
  directConnectionString?: string;
  /** What is between this process and Postgres. Default: `auto`. */
  pooler?: Pooler;
  /** The maximum number of connections of this replica. Default: 10. */
  maxConnections?: number;
  log?: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

/** Of four connections one is kept for reads: validations are answered even while no commit is. */
const READS_SHARE = 4;

const AT_WORK = {
  name: "backends-at-work",
  text: "SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::integer[]) AND state = 'active'",
};

/** Without a pooler, connections have their limits from their start. */
const beginWith = (limits: Record<string, number>) =>
  ["BEGIN", ...Object.entries(limits).map(([name, ms]) => `SET LOCAL ${name} = ${ms}`)].join("; ");
const BEGIN_WITH_LIMITS = beginWith(TIME_LIMITS);
/** Those of the role are made for requests. */
const BEGIN_WITHOUT_LIMITS = beginWith({ statement_timeout: 0, idle_in_transaction_session_timeout: 0 });

const NO_LIMIT_BEHIND_POOLER =
  "DATABASE_URL leads to a pooler, so the server has no time limit for single statements; give the role one: " +
  `ALTER ROLE … SET statement_timeout = '${TIME_LIMITS.statement_timeout}ms'`;
const FEW_CONNECTIONS =
  "max_connections, or the CONNECTION LIMIT of the role or the database, allows fewer connections than this replica alone " +
  "may open (DATABASE_POOL_SIZE, and one for notifications): raise it, or lower DATABASE_POOL_SIZE";
const NO_CONNECTION_LEFT =
  "the server gives this replica no further connection, so requests wait for those that it has: raise max_connections or " +
  "the CONNECTION LIMIT of the role or the database there, or lower DATABASE_POOL_SIZE";
const WRITE_ABANDONED =
  "a write got no answer in time, and the server may still be working on it; if this repeats, a synchronous standby may be down";

/** Opens a pool on a Postgres server (14 to 18). Connects lazily: if the server is down, the first query fails. */
export function openPostgres(options: PostgresOptions): Database {
  const { connectionString, setting, directConnectionString, pooler, maxConnections = 10, log } = options;
  const warnOnce = createOneTimeWarnings(log);
  const outage = createOutage(log);
  const servers = createServers({
    connectionString,
    setting,
    pooler,
    onConnected({ changesBackends, hasOwnLimit, connectionLimit = Number.POSITIVE_INFINITY }) {
      outage.connected();
      if (changesBackends && !hasOwnLimit) warnOnce(NO_LIMIT_BEHIND_POOLER);
      // One more is for notifications.
      if (connectionLimit < maxConnections + 1) warnOnce(FEW_CONNECTIONS, { connectionLimit, maxConnections });
    },
  });
  const direct = directConnectionString
    ? createServers({ connectionString: directConnectionString, setting: "DATABASE_DIRECT_URL", pooler })
    : servers;
  const pool = new pg.Pool({
    Client: servers.Client,
    onConnect: servers.accept,
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  // The pool replaces a broken connection once a statement on it fails.
  pool.on("error", () => {});
  const forReads = maxConnections === 1 ? 0 : Math.max(1, Math.floor(maxConnections / READS_SHARE));
  const writes = createPermits(maxConnections - forReads, CONNECT_TIMEOUT_MS);
  const abandoned = createAbandoned({
    stillAtWork: async (pids) => (await query<{ pid: number }>(AT_WORK, [pids])).map(({ pid }) => pid),
    onFirst: () => log?.warn({}, WRITE_ABANDONED),
  });

  const connect = connecting({
    pool,
    onFailed: outage.failed,
    connect: () => servers.onEach(() => pool.connect()),
    onRefused: (error) => log?.warn({ err: error, connections: pool.totalCount }, NO_CONNECTION_LEFT),
  });
  const isPrepared = (client: pg.ClientBase) => !servers.standingOf(client).changesBackends;
  const runOn = <Row>(client: pg.ClientBase, statement: Statement, values?: readonly unknown[]) =>
    runStatement<Row>(client, statement, values, { isPrepared: isPrepared(client) });

  async function query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> {
    if (!isRead(statement)) return writing((client) => runOn<Row>(client, statement, values));
    const client = await connect();
    let broken: Error | undefined;
    try {
      return await runOn<Row>(client, statement, values);
    } catch (error) {
      broken = asBroken(error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Runs work that commits something, with one of the connections for writes. */
  async function writing<T>(work: (client: pg.PoolClient, breaks: (error: Error) => void) => Promise<T>): Promise<T> {
    const giveBack = await writes.take();
    let client: pg.PoolClient | undefined;
    let broken: Error | undefined;
    try {
      client = await connect();
      return await work(client, (error) => {
        broken = error;
      });
    } catch (error) {
      broken ??= asBroken(error);
      throw error;
    } finally {
      if (client) leave(client, giveBack, broken);
      else giveBack();
    }
  }

  function leave(client: pg.PoolClient, giveBack: GiveBack, broken: Error | undefined): void {
    const free = () => {
      client.release(broken);
      giveBack();
    };
    // A pooler bounds its own connections, and the number of a backend says nothing behind one. With a single connection
    // nobody could ask.
    const { pid, isPooled } = servers.standingOf(client);
    const isAnswered = broken === undefined || broken.cause instanceof pg.DatabaseError;
    if (isAnswered || isPooled || forReads === 0) free();
    else abandoned.add(pid, free);
  }

  return {
    kind: "postgres",
    query,
    transaction: (work) =>
      writing(async (client, breaks) => {
        await answered(client.query(isPrepared(client) ? "BEGIN" : BEGIN_WITH_LIMITS));
        try {
          const result = await work({ query: (statement, values) => runOn(client, statement, values) });
          await answered(client.query("COMMIT"));
          return result;
        } catch (error) {
          // Otherwise the connection's state is unknown: it is closed, which rolls back on the server.
          if (!asBroken(error)) await client.query("ROLLBACK").catch(breaks);
          throw error;
        }
      }),
    async maintenance(work) {
      const client = await servers.open({ connectionTimeoutMillis: 10_000 }, { limited: false });
      try {
        await answered(client.query(BEGIN_WITHOUT_LIMITS));
        const result = await work({
          query: (statement, values) => runOn(client, statement, values),
          script: async (sql) => {
            await answered(client.query(sql));
          },
        });
        await answered(client.query("COMMIT"));
        return result;
      } finally {
        await client.end();
      }
    },
    listen: (channels, events) => listen(direct, channels, events),
    load: () => ({
      connections: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount + writes.waiting,
      abandoned: abandoned.size,
      abandonedTotal: abandoned.total,
    }),
    async close() {
      abandoned.close();
      await pool.end();
    },
  };
}

function createOneTimeWarnings(log: PostgresOptions["log"]) {
  const told = new Set<string>();
  return (message: string, details: object = {}) => {
    if (!told.has(message)) log?.warn(details, message);
    told.add(message);
  };
}

/** The error if the connection cannot be used again after it. */
function asBroken(error: unknown): Error | undefined {
  return error instanceof DatabaseUnavailable ? error : undefined;
}
