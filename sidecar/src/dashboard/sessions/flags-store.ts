import type { Queryable, Statement } from "../../engine/db/database.ts";
import type { SessionFlag } from "../contract/sessions.ts";

/** What makes a session suspicious, by its events. */
const FLAGGED: Readonly<Record<SessionFlag, string>> = {
  shared: "event = 'SessionShared'",
  anotherBrowser: "event = 'UserAgentFlagged'",
  wrongProof: "event = 'SessionRefused' AND reason = 'DeviceVerificationFailed'",
};

const flagSql = Object.entries(FLAGGED)
  .map(([flag, sql]) => `WHEN ${sql} THEN '${flag}'`)
  .join(" ");

const FLAGS: Statement = {
  name: "dashboard-session-flags",
  text: `SELECT DISTINCT session_id AS id, flag FROM (
      SELECT session_id, CASE ${flagSql} END AS flag FROM byo.audit_events WHERE session_id = ANY($1::uuid[])
    ) AS events WHERE flag IS NOT NULL`,
};

/** The flags of these sessions, by their ids. */
export async function readFlags(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, SessionFlag[]>> {
  const flags = new Map<string, SessionFlag[]>();
  if (ids.length === 0) return flags;
  for (const { id, flag } of await db.query<{ id: string; flag: SessionFlag }>(FLAGS, [ids])) {
    flags.set(id, [...(flags.get(id) ?? []), flag]);
  }
  return flags;
}
