import type { Queryable, Statement } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";
import { COLUMNS, READ } from "../store.ts";

// Each id by the primary key, whatever the planner thinks: `= ANY($1)` is planned anew at each execution with few ids,
// which costs more than carrying it out, and with a plan that is kept from when the table was small it reads all of it.
const READ_MANY: Statement = {
  name: "session-read-many",
  text: `SELECT found.* FROM string_to_table($1, ' ') AS asked (id)
         CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM byo.sessions WHERE id = asked.id::uuid LIMIT 1) AS found`,
};

/** Reads sessions by their ids, in one statement; each in the place of its id, with a row of its own for each asker. */
export async function readSessions(db: Queryable, ids: readonly string[]): Promise<(SessionRow | undefined)[]> {
  const different = [...new Set(ids)];
  // A lone one by the statement that is cheaper for one.
  const rows =
    different.length === 1
      ? await db.query<SessionRow>(READ, different)
      : await db.query<SessionRow>(READ_MANY, [different.join(" ")]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = byId.get(id);
    return row && different.length < ids.length ? { ...row } : row;
  });
}
