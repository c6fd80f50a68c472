import type { Queryable, Statement } from "../db/database.ts";

/** A running replica, and the keys that it can open. */
export interface Reader {
  prefixes: readonly Buffer[];
}

// The schema before 000015 has no such table, and this version serves it.
const IS_KEPT: Statement = {
  name: "encryption-readers-kept",
  text: `SELECT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = 'byo' AND c.relname = 'encryption_readers') AS kept`,
};
const ANNOUNCE: Statement = {
  name: "encryption-reader-announce",
  text: `INSERT INTO byo.encryption_readers (replica, prefixes, seen_at) VALUES ($1::uuid, $2::bytea[], byo.now())
    ON CONFLICT (replica) DO UPDATE SET prefixes = EXCLUDED.prefixes, seen_at = EXCLUDED.seen_at`,
};
const FORGET_GONE: Statement = {
  name: "encryption-readers-gone",
  text: `DELETE FROM byo.encryption_readers
    WHERE seen_at <= (SELECT byo.now()) - make_interval(secs => $1::float8) RETURNING replica`,
};
const LEAVE: Statement = {
  name: "encryption-reader-leave",
  text: "DELETE FROM byo.encryption_readers WHERE replica = $1::uuid RETURNING replica",
};
const RUNNING: Statement = {
  name: "encryption-readers-running",
  text: `SELECT prefixes FROM byo.encryption_readers
    WHERE seen_at > (SELECT byo.now()) - make_interval(secs => $1::float8)`,
};

export interface EncryptionReaders {
  /** Says that a replica runs and what it can open, and forgets those that have been silent for this long. */
  announce(replica: string, prefixes: readonly Buffer[], silentSecs: number): Promise<void>;
  leave(replica: string): Promise<void>;
  /** Those that reported within this time. */
  running(withinSecs: number): Promise<Reader[]>;
}

export function createEncryptionReaders(db: Queryable): EncryptionReaders {
  const isKept = async () => (await db.query<{ kept: boolean }>(IS_KEPT))[0]?.kept === true;
  return {
    async announce(replica, prefixes, silentSecs) {
      if (!(await isKept())) return;
      await db.query(ANNOUNCE, [replica, prefixes]);
      await db.query(FORGET_GONE, [silentSecs]);
    },
    async leave(replica) {
      if (await isKept()) await db.query(LEAVE, [replica]);
    },
    running: async (withinSecs) => ((await isKept()) ? db.query<Reader>(RUNNING, [withinSecs]) : []),
  };
}
