import type { JsonValue } from "@byo-session/core/contract";
import { changed } from "../../db/changed.ts";
import type { Queryable, Statement } from "../../db/database.ts";

const SAVE: Statement = {
  name: "session-save-changes",
  changes: "session",
  text: `UPDATE byo.sessions SET tags = $2::text[], metadata = $3::jsonb, rotation_asked = rotation_asked OR $4
         WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};

/** A session's tags and metadata after an update. */
export interface ChangedSession {
  tags: string[];
  metadata: JsonValue | null;
  /** Tags grant rights, so the token must rotate when they change. */
  asksRotation: boolean;
}

/** False when the session has ended. */
export function saveChanges(tx: Queryable, id: string, session: ChangedSession): Promise<boolean> {
  const { tags, metadata, asksRotation } = session;
  return changed(tx, SAVE, id, tags, metadata === null ? null : JSON.stringify(metadata), asksRotation);
}
