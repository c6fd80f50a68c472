import { changed } from "../../db/changed.ts";
import type { Queryable, Statement } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";

// Guarded by the generation: after a rotation the caller must check again whether the token still counts.
const BIND: Statement = {
  name: "session-bind",
  changes: "session",
  text: `UPDATE byo.sessions SET device_thumbprint = $3
         WHERE id = $1 AND gen = $2 AND device_thumbprint IS NULL AND ended_at IS NULL RETURNING id`,
};

/** Binds a session to a device's key; false when the row is no longer as it was read. */
export function bindDevice(tx: Queryable, { id, gen }: SessionRow, thumbprint: string): Promise<boolean> {
  return changed(tx, BIND, id, gen, thumbprint);
}
