import type { EndReason } from "@byo-session/core/contract";
import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";
import { ago, NOW } from "../db/time.ts";
import { type LivingValues, lapsedSql } from "../sessions/living/store.ts";
import type { KnownUses } from "../sessions/read/latest-use.ts";
import { COLUMNS, readRows } from "../sessions/read/store.ts";
import type { SessionRow } from "../sessions/session.ts";

// Locked until the end of the transaction, so that they are marked as they were read; without waiting for anyone.
const LOCK = "FOR NO KEY UPDATE SKIP LOCKED";

const EXPIRED: Statement = {
  name: "sessions-expired",
  text: `SELECT ${COLUMNS}, expires_at::text AS position FROM byo.sessions
         WHERE ended_at IS NULL AND expires_at >= coalesce($1::timestamptz, '-infinity') AND expires_at <= ${NOW}
         ORDER BY expires_at LIMIT $2 ${LOCK}`,
};
const LAPSED_IN_BLOCKS: Statement = {
  name: "sessions-lapsed-in-blocks",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE ctid >= $1::tid AND ctid < $2::tid AND ${lapsedSql(3)} ${LOCK}`,
};
const BLOCKS: Statement = {
  name: "sessions-blocks",
  text: `SELECT (pg_relation_size('byo.sessions') / current_setting('block_size')::integer)::float8 AS blocks`,
};
const MARK: Statement = {
  name: "sessions-mark-ended",
  changes: "session",
  text: `UPDATE byo.sessions SET ended_at = ${NOW}, end_reason = $2, end_revision = byo.policy_revision()
         WHERE id = ANY($1::uuid[]) AND ended_at IS NULL RETURNING id`,
};
const DELETE_ENDED = deletionOf("sessions-delete-ended", {
  table: "byo.sessions",
  column: "ended_at",
  upTo: ago("$3"),
});
const COLLECTOR_LOCK: Statement = {
  name: "collector-lock",
  text: "SELECT pg_try_advisory_xact_lock(7140235182) AS locked",
};

/** A session with its place in the order of ends. */
export type ExpiredRow = SessionRow & { readonly position: string };

export interface CollectorStore {
  /** Sessions past their absolute end as it was at login and not marked, in that order from `from` on. Locks them. */
  expired(from: string | null, limit: number): Promise<ExpiredRow[]>;
  /** Sessions in these blocks of the table that ended by time under the current policies and are not marked. Locks them. */
  lapsedInBlocks(first: number, after: number, living: LivingValues): Promise<SessionRow[]>;
  /** How many blocks the table has. */
  blocks(): Promise<number>;
  /** Marks locked sessions as ended; returns the ids of those that it marked. */
  mark(ids: readonly string[], reason: EndReason): Promise<string[]>;
  /** Deletes sessions that ended longer ago than the retention, from that time on. */
  deleteEnded(retentionSecs: number, from: string | null, limit: number): Promise<Deleted>;
  /** Until the end of the transaction only one replica collects. */
  tryLock(): Promise<boolean>;
}

export function createCollectorStore(tx: Queryable, uses: KnownUses): CollectorStore {
  return {
    expired: (from, limit) => readRows<ExpiredRow>(tx, uses, EXPIRED, [from, limit]),
    lapsedInBlocks: (first, after, living) =>
      readRows(tx, uses, LAPSED_IN_BLOCKS, [`(${first},0)`, `(${after},0)`, ...living]),
    blocks: async () => (await tx.query<{ blocks: number }>(BLOCKS))[0]?.blocks ?? 0,
    mark: async (ids, reason) => (await tx.query<{ id: string }>(MARK, [ids, reason])).map(({ id }) => id),
    deleteEnded: (retentionSecs, from, limit) => deleteSome(tx, DELETE_ENDED, from, limit, retentionSecs),
    tryLock: async () => (await tx.query<{ locked: boolean }>(COLLECTOR_LOCK))[0]?.locked === true,
  };
}
