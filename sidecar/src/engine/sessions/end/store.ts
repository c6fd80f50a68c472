import type { EndReason } from "@byo-session/core/contract";
import { changed } from "../../db/changed.ts";
import type { Queryable, Statement } from "../../db/database.ts";
import { NOW } from "../../db/time.ts";

// Never guarded by the generation: a logout that races a confirmation must not be lost. A pending successor stays, so
// that its holder learns why the session ended instead of "unknown token".
const END: Statement = {
  name: "session-end",
  changes: "session",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = $2, end_revision = byo.policy_revision()
         WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};
// One statement: a thousand of the other kind take longer than applications wait.
const END_MANY: Statement = {
  name: "sessions-end",
  changes: "session",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = $2, end_revision = byo.policy_revision()
         WHERE id = ANY($1::uuid[]) AND ended_at IS NULL RETURNING id`,
};
// A use that another replica has written meanwhile wins over the end.
const END_INACTIVE: Statement = {
  name: "session-end-inactive",
  changes: "session",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Inactive', end_revision = byo.policy_revision()
         WHERE id = $1 AND ended_at IS NULL AND last_activity_at + make_interval(secs => $2::float8) <= ${NOW}
         RETURNING id`,
};
const NOTE_REPLACED: Statement = {
  name: "session-note-replaced",
  changes: "session",
  text: "UPDATE byo.sessions SET replaced_at = byo.now() WHERE id = $1 RETURNING id",
};

export interface EndStore {
  /** False when the session has ended already. */
  end(id: string, reason: EndReason): Promise<boolean>;
  /** The ids of those that had not ended already. The caller holds their rows. */
  endMany(ids: readonly string[], reason: EndReason): Promise<ReadonlySet<string>>;
  /** False also when the session was used within the timeout after all. */
  endInactive(id: string, timeoutSecs: number): Promise<boolean>;
  /** Works on an ended session too. */
  noteReplaced(id: string): Promise<boolean>;
}

export function createEndStore(tx: Queryable): EndStore {
  return {
    end: (id, reason) => changed(tx, END, id, reason),
    endMany: async (ids, reason) =>
      new Set((await tx.query<{ id: string }>(END_MANY, [ids, reason])).map(({ id }) => id)),
    endInactive: (id, timeoutSecs) => changed(tx, END_INACTIVE, id, timeoutSecs),
    noteReplaced: (id) => changed(tx, NOTE_REPLACED, id),
  };
}
