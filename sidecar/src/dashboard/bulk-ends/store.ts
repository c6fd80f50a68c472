import type { Queryable, Statement } from "../../engine/db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../../engine/db/delete-some.ts";
import { NOW } from "../../engine/db/time.ts";
import type { SessionFilter } from "../sessions/filter-input.ts";
import type { Position } from "../sessions/store.ts";

/** Which sessions end: those that a person has selected, or all that match a filter. */
export type BulkTarget =
  | { readonly sessionIds: readonly string[]; readonly incident?: string | undefined; readonly filter?: undefined }
  | { readonly filter: SessionFilter; readonly sessionIds?: undefined };

/** Who asked for it, as in the audit trail. */
export interface AskedBy {
  actor: string;
  ipAddress: string;
  userAgent?: string;
}

/** An end of many sessions. Times are in milliseconds since 1970. */
export interface BulkEndRow {
  id: string;
  target: BulkTarget;
  askedBy: AskedBy;
  note: string | null;
  expected: number;
  isCapped: boolean;
  ended: number;
  steps: number;
  /** Where the next batch begins. */
  after: Position;
  isLastPass: boolean;
  createdAt: number;
  finishedAt: number | null;
  stoppedBy: string | null;
}

export type NewBulkEnd = Pick<BulkEndRow, "id" | "target" | "askedBy" | "note" | "expected" | "isCapped">;

/** What a batch did. */
export interface Step {
  ended: number;
  /** Where the next batch begins; undefined: at the beginning again. */
  after: Position | undefined;
  isLastPass: boolean;
  isFinished: boolean;
}

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;
// Only sessions of before the start: otherwise an end would go on for as long as people log in.
const AFTER = `jsonb_build_object(
    'createdText', to_char(coalesce(after_created, created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'id', coalesce(after_id, '${LAST_ID}'))`;
const COLUMNS = `id, target, asked_by AS "askedBy", note, expected, is_capped AS "isCapped", ended, steps, ${AFTER} AS after,
  is_last_pass AS "isLastPass", ${ms("created_at")} AS "createdAt", ${ms("finished_at")} AS "finishedAt",
  stopped_by AS "stoppedBy"`;

// One at a time counts how many are running, so that the limit holds.
const LOCK_STARTS: Statement = {
  name: "bulk-ends-lock-starts",
  text: "SELECT pg_advisory_xact_lock(7140235190)",
};
const INSERT: Statement = {
  name: "bulk-end-insert",
  text: `INSERT INTO byo.bulk_ends (id, target, asked_by, note, expected, is_capped)
    SELECT $1::uuid, $2::jsonb, $3::jsonb, $4, $5, $6
    WHERE (SELECT count(*) FROM byo.bulk_ends WHERE finished_at IS NULL) < $7 RETURNING id`,
};
const READ: Statement = { name: "bulk-end", text: `SELECT ${COLUMNS} FROM byo.bulk_ends WHERE id = $1` };
const RUNNING: Statement = {
  name: "bulk-ends-running",
  text: `SELECT ${COLUMNS} FROM byo.bulk_ends WHERE finished_at IS NULL ORDER BY created_at LIMIT 100`,
};
const LATELY: Statement = {
  name: "bulk-ends-lately",
  text: `SELECT ${COLUMNS} FROM byo.bulk_ends WHERE finished_at IS NULL OR finished_at > ${NOW} - interval '10 minutes'
    ORDER BY created_at DESC LIMIT 20`,
};
const HOLD: Statement = {
  name: "bulk-end-hold",
  text: `SELECT id FROM byo.bulk_ends WHERE id = $1 AND steps = $2 AND finished_at IS NULL FOR UPDATE SKIP LOCKED`,
};
const STEP: Statement = {
  name: "bulk-end-step",
  text: `UPDATE byo.bulk_ends SET ended = ended + $2, steps = steps + 1, after_created = $3::timestamptz,
      after_id = $4::uuid, is_last_pass = $5, finished_at = CASE WHEN $6 THEN byo.now() END
    WHERE id = $1 RETURNING id`,
};
const STOP: Statement = {
  name: "bulk-end-stop",
  text: `UPDATE byo.bulk_ends SET finished_at = byo.now(), stopped_by = $2 WHERE id = $1 AND finished_at IS NULL
    RETURNING ${COLUMNS}`,
};
const DELETE_OLD = deletionOf("bulk-ends-delete-old", {
  table: "byo.bulk_ends",
  column: "finished_at",
  upTo: `${NOW} - interval '1 day'`,
});

export interface BulkEndStore {
  /** False if too many are running. */
  insert(row: NewBulkEnd, maxRunning: number): Promise<boolean>;
  read(id: string): Promise<BulkEndRow | undefined>;
  running(): Promise<BulkEndRow[]>;
  /** Those that are running or have finished lately, the newest first. */
  lately(): Promise<BulkEndRow[]>;
  /** Holds it for one batch. False if another replica works on it, has done this batch, or it has finished. */
  hold(row: BulkEndRow): Promise<boolean>;
  step(id: string, step: Step): Promise<void>;
  stop(id: string, by: string): Promise<BulkEndRow | undefined>;
  /** Finished ones of more than a day ago: the audit trail has what they did. */
  deleteOld(from: string | null, limit: number): Promise<Deleted>;
}

export function createBulkEndStore(db: Queryable): BulkEndStore {
  return {
    async insert({ id, target, askedBy, note, expected, isCapped }, maxRunning) {
      await db.query(LOCK_STARTS);
      const values = [id, JSON.stringify(target), JSON.stringify(askedBy), note, expected, isCapped, maxRunning];
      return (await db.query(INSERT, values)).length > 0;
    },
    read: async (id) => (await db.query<BulkEndRow>(READ, [id]))[0],
    running: () => db.query<BulkEndRow>(RUNNING),
    lately: () => db.query<BulkEndRow>(LATELY),
    hold: async ({ id, steps }) => (await db.query(HOLD, [id, steps])).length > 0,
    async step(id, { ended, after, isLastPass, isFinished }) {
      await db.query(STEP, [id, ended, after?.createdText ?? null, after?.id ?? null, isLastPass, isFinished]);
    },
    stop: async (id, by) => (await db.query<BulkEndRow>(STOP, [id, by]))[0],
    deleteOld: (from, limit) => deleteSome(db, DELETE_OLD, from, limit),
  };
}
