import type { Queryable, Statement } from "../db/database.ts";
import { hashOfUser } from "../devices/store.ts";
import { UNKNOWN_HASH } from "../sessions/token/position.ts";
import type { LostChanges } from "./audit-lines.ts";

/** The SQL that makes true again what a database has lost. Each statement takes parallel lists, and can run twice. */

const END_SESSIONS: Statement = {
  name: "recover-end-sessions",
  text: `UPDATE byo.sessions AS s SET ended_at = byo.now(), end_reason = lost.reason, end_revision = byo.policy_revision()
         FROM unnest($1::uuid[], $2::text[]) AS lost (id, reason)
         WHERE s.id = lost.id AND s.ended_at IS NULL
         RETURNING s.id, s.user_id AS "userId", s.tags, s.end_reason AS reason`,
};
const END_ALL_SESSIONS: Statement = {
  name: "recover-end-all-sessions",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Revoked', end_revision = byo.policy_revision()
         WHERE ended_at IS NULL RETURNING id, user_id AS "userId", tags, end_reason AS reason`,
};
// The token of that generation is known by its tag when it comes; those before it have been replaced.
const ADVANCE: Statement = {
  name: "recover-advance",
  text: `UPDATE byo.sessions AS s SET gen = lost.gen, cur_hash = $3, next_hash = NULL, prev_until = NULL,
           rotation_asked = false, pending_since = NULL, pending_count = 0
         FROM unnest($1::uuid[], $2::integer[]) AS lost (id, gen)
         WHERE s.id = lost.id AND s.gen < lost.gen AND s.ended_at IS NULL RETURNING s.id`,
};
const BIND: Statement = {
  name: "recover-bind",
  text: `UPDATE byo.sessions AS s SET device_thumbprint = lost.device
         FROM unnest($1::uuid[], $2::text[]) AS lost (id, device)
         WHERE s.id = lost.id AND s.device_thumbprint IS NULL AND s.ended_at IS NULL RETURNING s.id`,
};
const SET_TAGS: Statement = {
  name: "recover-tags",
  text: `UPDATE byo.sessions AS s SET tags = ARRAY(SELECT jsonb_array_elements_text(lost.tags::jsonb))
         FROM unnest($1::uuid[], $2::text[]) AS lost (id, tags)
         WHERE s.id = lost.id AND s.ended_at IS NULL
           AND s.tags IS DISTINCT FROM ARRAY(SELECT jsonb_array_elements_text(lost.tags::jsonb)) RETURNING s.id`,
};
const END_IMPERSONATIONS: Statement = {
  name: "recover-end-impersonations",
  text: `UPDATE byo.impersonation_sessions AS s SET ended_at = byo.now(), end_reason = lost.reason
         FROM unnest($1::uuid[], $2::text[]) AS lost (id, reason)
         WHERE s.id = lost.id AND s.ended_at IS NULL RETURNING s.id`,
};
const END_ALL_IMPERSONATIONS: Statement = {
  name: "recover-end-all-impersonations",
  text: `UPDATE byo.impersonation_sessions SET ended_at = byo.now(), end_reason = 'Revoked'
         WHERE ended_at IS NULL RETURNING id`,
};
const REVOKE_KEYS: Statement = {
  name: "recover-revoke-keys",
  text: `UPDATE byo.integration_keys SET revoked_at = byo.now()
         WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL RETURNING id`,
};
const FORGET_DEVICES: Statement = {
  name: "recover-forget-devices",
  text: `DELETE FROM byo.devices AS d USING unnest($1::bytea[], $2::text[]) AS lost (user_hash, device)
         WHERE d.user_hash = lost.user_hash AND d.thumbprint = coalesce(lost.device, d.thumbprint) RETURNING d.thumbprint`,
};
// People log in again with their password: who was disabled, or changed it, is not in these events.
const END_DASHBOARD_LOGINS: Statement = {
  name: "recover-end-dashboard-logins",
  text: "UPDATE byo.dashboard_sessions SET ended_at = byo.now() WHERE ended_at IS NULL RETURNING id",
};
// What was used once may be forgotten: then it could be used again. Without its key no challenge is good any more.
const DELETE_CHALLENGE_KEYS: Statement = {
  name: "recover-challenge-keys",
  text: "DELETE FROM byo.challenge_keys RETURNING id",
};
const DELETE_TICKETS: Statement = {
  name: "recover-tickets",
  text: "DELETE FROM byo.upgrade_tickets RETURNING session_id",
};
// The next loss starts with a clean slate.
const FORGET_ADOPTIONS: Statement = {
  name: "recover-adoptions",
  text: "UPDATE byo.sessions SET adopted_at = NULL WHERE adopted_at IS NOT NULL RETURNING id",
};
// Sidecars that run forget what they remember, and the applications what they hold.
const TELL_ALL: Statement = { name: "recover-tell", text: "SELECT pg_notify('byo_sessions', '*')" };

export interface EndedSession {
  id: string;
  userId: string;
  tags: string[];
  reason: string;
}

export interface RecoveryStore {
  endSessions(ends: LostChanges["sessionEnds"]): Promise<EndedSession[]>;
  endAllSessions(): Promise<EndedSession[]>;
  advance(generations: LostChanges["generations"]): Promise<number>;
  bind(devices: LostChanges["devices"]): Promise<number>;
  setTags(tags: LostChanges["tags"]): Promise<number>;
  endImpersonations(ends: LostChanges["impersonationEnds"]): Promise<number>;
  endAllImpersonations(): Promise<number>;
  revokeKeys(ids: LostChanges["revokedKeys"]): Promise<number>;
  forgetDevices(devices: LostChanges["forgottenDevices"]): Promise<number>;
  endDashboardLogins(): Promise<number>;
  /** Challenges, tickets and adoptions from before the loss. */
  forgetTheRest(): Promise<void>;
  tellAll(): Promise<void>;
}

export function createRecoveryStore(tx: Queryable): RecoveryStore {
  const count = async (statement: Statement, ...values: unknown[]) => (await tx.query(statement, values)).length;
  const lists = (map: ReadonlyMap<string, unknown>) => [[...map.keys()], [...map.values()]] as const;
  return {
    endSessions: (ends) => tx.query<EndedSession>(END_SESSIONS, lists(ends)),
    endAllSessions: () => tx.query<EndedSession>(END_ALL_SESSIONS),
    advance: (generations) => count(ADVANCE, ...lists(generations), UNKNOWN_HASH),
    bind: (devices) => count(BIND, ...lists(devices)),
    setTags: (tags) =>
      count(
        SET_TAGS,
        [...tags.keys()],
        [...tags.values()].map((each) => JSON.stringify(each)),
      ),
    endImpersonations: (ends) => count(END_IMPERSONATIONS, ...lists(ends)),
    endAllImpersonations: () => count(END_ALL_IMPERSONATIONS),
    revokeKeys: (ids) => count(REVOKE_KEYS, [...ids]),
    forgetDevices: (devices) =>
      count(
        FORGET_DEVICES,
        devices.map(({ userId }) => hashOfUser(userId)),
        devices.map(({ deviceId }) => deviceId),
      ),
    endDashboardLogins: () => count(END_DASHBOARD_LOGINS),
    async forgetTheRest() {
      for (const statement of [DELETE_CHALLENGE_KEYS, DELETE_TICKETS, FORGET_ADOPTIONS]) await tx.query(statement);
    },
    async tellAll() {
      await tx.query(TELL_ALL);
    },
  };
}
