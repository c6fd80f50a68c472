import type pg from "pg";
import { ReadOnlyServer } from "../database.ts";
import { GIVEN_MISFITS, MISFITS, SET_RELIED_ON, SettingMisfit } from "./relied-settings.ts";
import { TIME_LIMITS } from "./time-limits.ts";

/** How a pooler between the sidecar and Postgres treats connections; `auto` finds out whether there is one. */
export type Pooler = "auto" | "session" | "transaction";

/** What a new connection leads to. */
export interface Standing {
  /** The number of the backend, as Postgres itself knows it. */
  pid: number;
  /** Whether each transaction may run on another backend: then nothing may be left behind on one. */
  changesBackends: boolean;
  /** Whether a pooler is between, whatever its mode. */
  isPooled: boolean;
  /** Whether the role or the database has a time limit of its own for statements. */
  hasOwnLimit: boolean;
  /** How many connections the server, the role and the database allow together. Undefined: a pooler has its own number. */
  connectionLimit: number | undefined;
}

/** The server is older than what is supported. */
class ServerTooOld extends Error {
  override readonly name = "ServerTooOld";
}

/** Text in another encoding could not hold every name, tag and user agent. */
class WrongEncoding extends Error {
  override readonly name = "WrongEncoding";
}

const OLDEST_VERSION = 14;
const ENCODING = "UTF8";

// A superuser is not held to the limits of the role and the database. Postgres 16 and newer reserve some for others too.
const CONNECTION_LIMIT = `(SELECT least(
    current_setting('max_connections')::integer - CASE WHEN rolsuper THEN 0
      ELSE current_setting('superuser_reserved_connections')::integer
        + coalesce(current_setting('reserved_connections', true)::integer, 0) END,
    CASE WHEN NOT rolsuper AND rolconnlimit >= 0 THEN rolconnlimit END,
    CASE WHEN NOT rolsuper AND datconnlimit >= 0 THEN datconnlimit END)
  FROM pg_roles, pg_database WHERE rolname = session_user AND datname = current_database())`;

// In the first statement, not as parameters of the connection: PgBouncer refuses a connection that has them. A setting
// on a shared backend would reach other clients of the pooler, so there each transaction sets its own.
const EXAMINE = `
  SELECT pg_backend_pid() AS pid, current_setting('server_version_num')::integer AS version,
    pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS "readOnly",
    current_setting('server_encoding') AS encoding, current_setting('statement_timeout') <> '0' AS "hasOwnLimit",
    ${CONNECTION_LIMIT} AS "connectionLimit", ${MISFITS} AS misfits, ${GIVEN_MISFITS} AS "givenMisfits",
    CASE WHEN pg_backend_pid() = $2 OR $3 THEN ${SET_RELIED_ON} END,
    CASE WHEN $1 AND (pg_backend_pid() = $2 OR $3) THEN ${Object.entries(TIME_LIMITS)
      .map(([name, ms]) => `set_config('${name}', '${ms}', false)`)
      .join(" || ")} END`;

interface Examined {
  pid: number;
  version: number;
  readOnly: boolean;
  encoding: string;
  hasOwnLimit: boolean;
  connectionLimit: number;
  misfits: string[];
  givenMisfits: string[];
}

/**
 * Finds out what a new connection leads to, and sets what statements rely on, and their time limits. Rejects if the server
 * is too old or accepts no writes (on a demoted primary, sessions that have ended since would still be living), and if
 * the database cannot hold every text.
 */
export async function examine(
  client: pg.ClientBase,
  { pooler, limited }: { pooler: Pooler; limited: boolean },
): Promise<Standing> {
  // A pooler makes up the number that a client gets when it connects.
  const told: unknown = Reflect.get(client, "processID");
  const { rows } = await client.query<Examined>(EXAMINE, [limited, told, pooler === "session"]);
  const [row] = rows;
  if (!row) throw new Error("expected one row about the connection");
  const major = Math.floor(row.version / 10_000);
  if (major < OLDEST_VERSION)
    throw new ServerTooOld(`the server runs Postgres ${major}; expected Postgres ${OLDEST_VERSION} or newer`);
  if (row.encoding !== ENCODING)
    throw new WrongEncoding(`the encoding of the database is ${row.encoding}; expected ${ENCODING}`);
  if (row.readOnly) throw new ReadOnlyServer();
  const isPooled = row.pid !== told;
  const changesBackends = pooler === "transaction" || (pooler === "auto" && isPooled);
  const misfits = changesBackends ? row.misfits : row.givenMisfits;
  if (misfits.length > 0) throw new SettingMisfit(misfits, { isPooled: changesBackends });
  const { pid, hasOwnLimit, connectionLimit } = row;
  return { pid, isPooled, changesBackends, hasOwnLimit, connectionLimit: isPooled ? undefined : connectionLimit };
}
