import type { Queryable, Statement } from "../../engine/db/database.ts";
import { SESSION_FLAGS, type SessionFlag } from "../contract/sessions.ts";

/** What makes a session suspicious, by its events. The index of what needs attention has all of them. */
export const FLAGGED: Readonly<Record<SessionFlag, string>> = {
  shared: "event = 'SessionShared'",
  anotherBrowser: "event = 'UserAgentFlagged'",
  wrongProof: "event = 'SessionRefused' AND reason = 'DeviceVerificationFailed'",
};

/** True for the events of any flag. */
export const ANY_FLAG = `(${SESSION_FLAGS.map((flag) => FLAGGED[flag]).join(" OR ")})`;
/** The flag of an event. */
export const FLAG_OF = `CASE ${SESSION_FLAGS.map((flag) => `WHEN ${FLAGGED[flag]} THEN '${flag}'`).join(" ")} END`;

/** The names of the events narrow the index of what needs attention, which has the rest of the condition. */
export const SUSPICIOUS = `event = ANY('{SessionShared,UserAgentFlagged,SessionRefused}') AND ${ANY_FLAG}`;

const FLAGS: Statement = {
  name: "dashboard-session-flags",
  text: `SELECT DISTINCT session_id AS id, flag FROM (
      SELECT session_id, ${FLAG_OF} AS flag FROM byo.audit_events WHERE session_id = ANY($1::uuid[])
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
