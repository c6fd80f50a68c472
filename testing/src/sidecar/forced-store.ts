import type { EndReason } from "@byo-session/core/contract";
import type { Database } from "@byo-session/sidecar";

/**
 * Changes that a test makes in the database, behind the sidecar's back. Each returns whether the session was living.
 */
export interface ForcedStore {
  askRotation(sessionId: string): Promise<boolean>;
  outrun(sessionId: string): Promise<boolean>;
  end(sessionId: string, reason: EndReason): Promise<boolean>;
}

const ASK_ROTATION = {
  name: "test-ask-rotation",
  text: `UPDATE byo.sessions SET rotation_asked = true, prev_until = NULL
         WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};
/**
 * As if someone else had continued the session: the browser's token is genuine but two generations old. Sessions with
 * a device are excluded: there the proof decides, so a replay does not end them.
 */
const OUTRUN = {
  name: "test-outrun",
  text: `UPDATE byo.sessions
         SET gen = gen + 2, cur_hash = sha256(gen_random_uuid()::text::bytea), next_hash = NULL, prev_until = NULL,
             since = byo.now()
         WHERE id = $1 AND ended_at IS NULL AND device_thumbprint IS NULL RETURNING id`,
};
const END = {
  name: "test-end",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = $2
         WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};

export function createForcedStore(db: Database): ForcedStore {
  const changes = async (statement: typeof END, values: unknown[]) => (await db.query(statement, values)).length === 1;
  return {
    askRotation: (sessionId) => changes(ASK_ROTATION, [sessionId]),
    outrun: (sessionId) => changes(OUTRUN, [sessionId]),
    end: (sessionId, reason) => changes(END, [sessionId, reason]),
  };
}
