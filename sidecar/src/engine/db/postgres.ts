import pg from "pg";
import { type Database, DatabaseUnavailable, type Listener, type ListenerEvents, type Statement } from "./database.ts";

export interface PostgresOptions {
  connectionString: string;
  /** The maximum number of connections of this replica. Default: 10. */
  maxConnections?: number;
}

// A frozen server never answers, so the client has its own time limit. Together with the wait for a connection it stays
// below the 5 seconds in which every command is answered.
const LOCK_TIMEOUT_MS = 2000;
const STATEMENT_TIMEOUT_MS = 2500;
const QUERY_TIMEOUT_MS = 3000;
const CONNECT_TIMEOUT_MS = 1500;

/** Opens a pool on a Postgres server (14 to 18). Connects lazily: if the server is down, the first query fails. */
export function openPostgres({ connectionString, maxConnections = 10 }: PostgresOptions): Database {
  const connection = { connectionString, application_name: "byo-session", keepAlive: true };
  const pool = new pg.Pool({
    ...connection,
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: 10_000,
  });
  // The pool replaces a broken connection once a statement on it fails. But an "error" event without a listener would
  // end the process, and the pool listens on idle connections only. A connection can also break between two statements
  // of a transaction, or while it is checked out or returned.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  return {
    kind: "postgres",
    query: (statement, values) => run(pool, statement, values),
    async transaction(work) {
      const client = await translated(pool.connect());
      let broken: Error | undefined;
      try {
        await translated(client.query("BEGIN"));
        const result = await work({ query: (statement, values) => run(client, statement, values) });
        await translated(client.query("COMMIT"));
        return result;
      } catch (error) {
        if (error instanceof DatabaseUnavailable) {
          // The connection's state is unknown, so it is closed, which rolls back on the server.
          broken = error;
        } else {
          await client.query("ROLLBACK").catch((rollbackError: Error) => {
            broken = rollbackError;
          });
        }
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async maintenance(work) {
      const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 });
      client.on("error", () => {});
      await translated(client.connect());
      try {
        await translated(client.query("BEGIN"));
        const result = await work({
          query: (statement, values) => run(client, statement, values),
          script: async (sql) => {
            await translated(client.query(sql));
          },
        });
        await translated(client.query("COMMIT"));
        return result;
      } finally {
        await client.end();
      }
    },
    listen: (channels, events) => listen(connection, channels, events),
    pool: () => ({
      max: maxConnections,
      busy: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => pool.end(),
  };
}

async function listen(
  connection: pg.ClientConfig,
  channels: readonly string[],
  { onTold, onLost }: ListenerEvents,
): Promise<Listener> {
  const client = new pg.Client({
    ...connection,
    application_name: "byo-session listener",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  let isOpen = true;
  const lost = (error: Error) => {
    if (isOpen) onLost(error);
    isOpen = false;
  };
  client.on("error", lost);
  client.on("end", () => lost(new DatabaseUnavailable("the connection was closed")));
  client.on("notification", ({ channel, payload = "" }) => onTold(channel, payload));
  try {
    await translated(client.connect());
    for (const channel of channels) await translated(client.query(`LISTEN ${client.escapeIdentifier(channel)}`));
  } catch (error) {
    isOpen = false;
    await client.end().catch(() => {});
    throw error;
  }
  return {
    query: (statement, values) => run(client, statement, values),
    async close() {
      isOpen = false;
      await client.end();
    },
  };
}

async function run<Row>(
  client: Pick<pg.ClientBase, "query">,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const query = { name: statement.name, text: statement.text, values: [...values] };
  const result = await translated(client.query(query));
  return result.rows as Row[];
}

async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isUnavailable(error)) throw new DatabaseUnavailable("the database did not answer", { cause: error });
    throw error;
  }
}

// Classes of SQLSTATE: 08 connection, 53 resources, 57 operator intervention (shutdown, cancelled by a time limit);
// 55P03 lock timeout; 40001 and 40P01 another transaction won. All of these may succeed on another try.
const UNAVAILABLE_CODES = /^(08|53|57|55P03|40001|40P01)/;

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_CODES.test(error.code ?? "");
  // Any error without an SQLSTATE comes from the network or the pool (ECONNREFUSED, a closed socket, a timeout).
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}
