import { EVENTS_OF_USER } from "../audit/store.ts";
import type { Queryable, Statement } from "../db/database.ts";

// Living sessions end, because nobody would know whose they are.
const ERASE_SESSIONS: Statement = {
  name: "erase-sessions",
  text: `UPDATE byo.sessions SET user_id = $2, metadata = NULL, tags = '{}', ip_address = NULL, last_ip_address = NULL,
      user_agent = NULL, confirmed_ip = NULL, confirmed_user_agent = NULL, client_pair = NULL, other_pair = NULL,
      device_thumbprint = NULL, ended_at = coalesce(ended_at, byo.now()), end_reason = coalesce(end_reason, 'Revoked'),
      end_revision = coalesce(end_revision, byo.policy_revision())
    WHERE user_id = $1 RETURNING id`,
};
// The employee stays on record: who has acted as a user must not vanish with that user.
const ERASE_IMPERSONATIONS: Statement = {
  name: "erase-impersonations",
  text: `UPDATE byo.impersonation_sessions SET target_user_id = $2, metadata = NULL, ip_address = NULL, user_agent = NULL,
      employee_session_id = NULL, ended_at = coalesce(ended_at, byo.now()), end_reason = coalesce(end_reason, 'Revoked')
    WHERE target_user_id = $1 RETURNING id`,
};
const ERASE_EVENTS: Statement = {
  name: "erase-events",
  text: `UPDATE byo.audit_events SET user_id = $2, tags = NULL, ip_address = NULL, user_agent = NULL,
      device_browser = NULL, device_os = NULL, device_type = NULL, details = NULL
    WHERE ${EVENTS_OF_USER} RETURNING id`,
};
// The details of dashboard events about this user contain the user id, and a note about it. They concern no session, so the
// index of the dashboard's log has them; the condition on `bulk` is that index's own.
const ERASE_MENTIONS: Statement = {
  name: "erase-mentions",
  text: `UPDATE byo.audit_events SET details = jsonb_set(details - 'note', '{target}', to_jsonb($2::text))
    WHERE session_id IS NULL AND user_id IS NULL AND NOT coalesce(details ? 'bulk', false)
      AND (details ->> 'target' = 'user ' || $1 OR details #>> '{target,userId}' = $1) RETURNING id`,
};
const ERASE_DEVICES: Statement = {
  name: "erase-devices",
  text: "DELETE FROM byo.devices WHERE user_hash = $1 RETURNING thumbprint",
};

export interface ErasedRows {
  sessions: number;
  events: number;
  devices: number;
  impersonations: number;
}

/** Removes a user from every row. `userHash`: the key of the user's devices. */
export async function eraseRows(
  db: Queryable,
  { userId, userHash, pseudonym }: { userId: string; userHash: Buffer; pseudonym: string },
): Promise<ErasedRows> {
  const sessions = await db.query(ERASE_SESSIONS, [userId, pseudonym]);
  const impersonations = await db.query(ERASE_IMPERSONATIONS, [userId, pseudonym]);
  const events = await db.query(ERASE_EVENTS, [userId, pseudonym]);
  await db.query(ERASE_MENTIONS, [userId, pseudonym]);
  const devices = await db.query(ERASE_DEVICES, [userHash]);
  return {
    ...{ sessions: sessions.length, events: events.length, devices: devices.length },
    impersonations: impersonations.length,
  };
}
