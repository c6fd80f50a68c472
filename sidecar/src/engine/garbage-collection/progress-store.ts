import type { Queryable, Statement } from "../db/database.ts";
import type { Position } from "./step.ts";

const POSITION: Statement = {
  name: "collection-position",
  text: "SELECT position FROM byo.jobs WHERE name = $1",
};
const MOVE: Statement = {
  name: "collection-move",
  text: `INSERT INTO byo.jobs AS job (name, last_started_at, last_succeeded_at, position)
         VALUES ($1, byo.now(), CASE WHEN $2::text IS NULL THEN byo.now() END, $2)
         ON CONFLICT (name) DO UPDATE SET
           last_started_at = CASE WHEN job.position IS NULL THEN EXCLUDED.last_started_at ELSE job.last_started_at END,
           last_succeeded_at = coalesce(EXCLUDED.last_succeeded_at, job.last_succeeded_at), position = EXCLUDED.position,
           last_error = NULL
         RETURNING name`,
};
const FAILED: Statement = {
  name: "collection-failed",
  text: `INSERT INTO byo.jobs AS job (name, last_started_at, last_error) VALUES ($1, byo.now(), $2)
         ON CONFLICT (name) DO UPDATE SET last_error = EXCLUDED.last_error RETURNING name`,
};
const AGES: Statement = {
  name: "collection-ages",
  text: `SELECT name, date_part('epoch', byo.now() - last_succeeded_at) * 1000 AS "ageMs" FROM byo.jobs
         WHERE name = ANY($1::text[]) AND last_succeeded_at IS NOT NULL`,
};

/** How far each step is, and when it was last done with everything; shared by all replicas. */
export interface ProgressStore {
  position(step: string): Promise<Position>;
  /** Null: the step is done. */
  move(step: string, to: Position): Promise<void>;
  failed(step: string, message: string): Promise<void>;
  /** How long ago, in milliseconds, each of the steps was last done; those that never were are left out. */
  ages(steps: readonly string[]): Promise<Map<string, number>>;
}

export function createProgressStore(db: Queryable): ProgressStore {
  return {
    position: async (step) => (await db.query<{ position: Position }>(POSITION, [step]))[0]?.position ?? null,
    move: async (step, to) => void (await db.query(MOVE, [step, to])),
    failed: async (step, message) => void (await db.query(FAILED, [step, message])),
    async ages(steps) {
      const rows = await db.query<{ name: string; ageMs: number }>(AGES, [steps]);
      return new Map(rows.map(({ name, ageMs }) => [name, ageMs]));
    },
  };
}
