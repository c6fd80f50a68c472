import type { Queryable, Statement } from "../db/database.ts";
import type { SealedPlace } from "./sealed-places.ts";

/** A key that stored values may be sealed with. */
export interface KnownKey {
  /** The first bytes of everything sealed with it. */
  prefix: Buffer;
  /** Seconds since a sidecar last reported using the key; null: never reported. */
  unusedSecs: number | null;
}

export interface SealedCount {
  place: SealedPlace;
  prefix: Buffer;
  count: number;
}

export interface ResealedRow {
  id: string;
  before: Buffer;
  after: Buffer;
}

// The key of the latest started sidecar comes first.
const ALL: Statement = {
  name: "encryption-keys",
  text: `SELECT prefix, extract(epoch FROM byo.now() - used_at)::float8 AS "unusedSecs"
    FROM byo.encryption_keys ORDER BY started_at DESC NULLS LAST, prefix`,
};
const START: Statement = {
  name: "encryption-key-start",
  text: `INSERT INTO byo.encryption_keys (prefix, started_at, used_at) VALUES ($1, byo.now(), byo.now())
    ON CONFLICT (prefix) DO UPDATE SET started_at = EXCLUDED.started_at, used_at = EXCLUDED.used_at`,
};
const USE: Statement = {
  name: "encryption-key-use",
  text: `INSERT INTO byo.encryption_keys (prefix, used_at) VALUES ($1, byo.now())
    ON CONFLICT (prefix) DO UPDATE SET used_at = EXCLUDED.used_at`,
};
const FORGET: Statement = {
  name: "encryption-key-forget",
  text: `DELETE FROM byo.encryption_keys
    WHERE prefix = $1 AND (used_at IS NULL OR used_at < to_timestamp($2::float8 / 1000)) RETURNING prefix`,
};
const LOCK: Statement = {
  name: "encryption-resealing-lock",
  text: "SELECT pg_try_advisory_xact_lock(7140235184) AS locked",
};
const LOCK_STARTS: Statement = {
  name: "encryption-starts-lock",
  text: "SELECT pg_advisory_xact_lock(7140235187)",
};

/** Less than every id of that type. */
const BEFORE_ALL_IDS = { uuid: "00000000-0000-0000-0000-000000000000", bigint: "-1" };

// The names of tables and columns come from the closed list of places.
const statementOf = (what: string, { table, column }: SealedPlace, text: string): Statement => ({
  name: `encryption-${what}-${table}-${column}`,
  text,
});
const countAt = (place: SealedPlace) =>
  statementOf(
    "count",
    place,
    `SELECT CASE get_byte(${place.column}, 0) WHEN 0 THEN '\\x00'::bytea ELSE substring(${place.column} FROM 1 FOR 5) END AS prefix,
       count(*)::float8 AS count
     FROM byo.${place.table} WHERE length(${place.column}) > 0 GROUP BY 1`,
  );
/** In the text, because with an unknown limit the planner expects to need most rows, and reads and sorts all. */
export const WINDOW_ROWS = 500;
// Ordered by the column: `id` alone would mean the text that is selected, for which there is no index.
const windowAt = (place: SealedPlace) =>
  statementOf(
    "window",
    place,
    `SELECT id::text AS id, CASE WHEN substring(${place.column} FROM 1 FOR length($2::bytea)) <> $2 THEN ${place.column} END AS sealed
     FROM byo.${place.table} WHERE id > coalesce($1::${place.idType}, '${BEFORE_ALL_IDS[place.idType]}') ORDER BY ${place.table}.id LIMIT ${WINDOW_ROWS}`,
  );
// Skips rows that a request has locked, so that neither waits for the other.
const resealAt = (place: SealedPlace) =>
  statementOf(
    "reseal",
    place,
    `UPDATE byo.${place.table} t SET ${place.column} = free.after FROM (
       SELECT r.id, v.after FROM unnest($1::${place.idType}[], $2::bytea[], $3::bytea[]) AS v (id, before, after)
       JOIN byo.${place.table} r ON r.id = v.id AND r.${place.column} = v.before FOR UPDATE OF r SKIP LOCKED) AS free
     WHERE t.id = free.id RETURNING t.id`,
  );

export interface EncryptionStore {
  keys(): Promise<KnownKey[]>;
  /**
   * Records that a sidecar with this key has started. The latest start decides which key everything is resealed with.
   */
  start(prefix: Buffer): Promise<void>;
  use(prefix: Buffer): Promise<void>;
  /** False if a sidecar has used the key since that time, in milliseconds since 1970. */
  forget(prefix: Buffer, unusedSinceMs: number): Promise<boolean>;
  /** Until the transaction ends, no other replica checks its keys. */
  lockStarts(): Promise<void>;
  /** Only one replica reseals until the transaction ends. */
  tryLock(): Promise<boolean>;
  /** Reads every row: for a connection without time limits. */
  count(place: SealedPlace): Promise<SealedCount[]>;
  /** The next rows whose sealed value has another prefix. `after` undefined: from the first row. */
  window(
    place: SealedPlace,
    after: string | undefined,
    prefix: Buffer,
  ): Promise<{ id: string; sealed: Buffer | null }[]>;
  /** Returns how many it wrote, without those that were changed or locked meanwhile. */
  reseal(place: SealedPlace, rows: readonly ResealedRow[]): Promise<number>;
}

export function createEncryptionStore(db: Queryable): EncryptionStore {
  return {
    keys: () => db.query<KnownKey>(ALL),
    start: async (prefix) => void (await db.query(START, [prefix])),
    use: async (prefix) => void (await db.query(USE, [prefix])),
    forget: async (prefix, unusedSinceMs) => (await db.query(FORGET, [prefix, unusedSinceMs])).length > 0,
    lockStarts: async () => void (await db.query(LOCK_STARTS)),
    tryLock: async () => (await db.query<{ locked: boolean }>(LOCK))[0]?.locked === true,
    async count(place) {
      const rows = await db.query<{ prefix: Buffer; count: number }>(countAt(place));
      return rows.map((row) => ({ place, ...row }));
    },
    window: (place, after, prefix) => db.query(windowAt(place), [after ?? null, prefix]),
    async reseal(place, rows) {
      const columns = [rows.map(({ id }) => id), rows.map(({ before }) => before), rows.map(({ after }) => after)];
      return (await db.query(resealAt(place), columns)).length;
    },
  };
}
