import type { Queryable, Statement } from "../db/database.ts";
import type { KnownUses } from "../sessions/read/latest-use.ts";
import { COLUMNS, readRows } from "../sessions/read/store.ts";
import type { SessionRow } from "../sessions/session.ts";

const LAPSE_CANDIDATES: Statement = {
  name: "sessions-lapse-candidates",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE ended_at IS NULL AND id > $1 AND (expires_at <= byo.now()
           OR created_at <= byo.now() - make_interval(secs => $2::float8)
           OR last_activity_at <= byo.now() - make_interval(secs => $3::float8))
         ORDER BY id LIMIT $4`,
};
const DELETE_ENDED: Statement = {
  name: "sessions-delete-ended",
  text: `DELETE FROM byo.sessions WHERE id IN (
           SELECT id FROM byo.sessions WHERE ended_at < byo.now() - make_interval(secs => $1::float8)
           ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
};
const COLLECTOR_LOCK: Statement = {
  name: "collector-lock",
  text: "SELECT pg_try_advisory_xact_lock(7140235182) AS locked",
};

export interface CollectorStore {
  /** Living sessions past a time at which some policy may have ended them, in the order of their ids. */
  lapseCandidates(
    afterId: string,
    lifetimeSecs: number,
    timeoutSecs: number | undefined,
    limit: number,
  ): Promise<SessionRow[]>;
  /** Returns how many it deleted. */
  deleteEnded(retentionSecs: number, limit: number): Promise<number>;
  /** Until the end of the transaction only one replica collects. */
  tryLock(): Promise<boolean>;
}

export function createCollectorStore(tx: Queryable, uses: KnownUses): CollectorStore {
  return {
    lapseCandidates: (afterId, lifetimeSecs, timeoutSecs, limit) =>
      readRows(tx, uses, LAPSE_CANDIDATES, [afterId, lifetimeSecs, timeoutSecs ?? null, limit]),
    deleteEnded: async (retentionSecs, limit) => (await tx.query(DELETE_ENDED, [retentionSecs, limit])).length,
    tryLock: async () => (await tx.query<{ locked: boolean }>(COLLECTOR_LOCK))[0]?.locked === true,
  };
}
