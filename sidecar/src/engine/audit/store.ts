import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";
import { ago } from "../db/time.ts";
import { describeDevice } from "../policy/user-agent.ts";
import type { AuditEvent } from "./event.ts";
import { QUEUE_WEBHOOKS } from "./outbox-store.ts";

const FIELDS = `time timestamptz, event text, "sessionId" uuid, "userId" text, tags text[], "ipAddress" text,
  "userAgent" text, browser text, os text, "deviceType" text, actor text, reason text, details jsonb, "collapseKey" text,
  count integer`;
const COLUMNS =
  "time, event, session_id, user_id, tags, ip_address, user_agent, device_browser, device_os, device_type, actor, reason, details, collapse_key, count";

const INSERT: Statement = {
  name: "audit-insert",
  text: `WITH written AS (
           INSERT INTO byo.audit_events AS existing (${COLUMNS})
           SELECT coalesce(time, byo.now()), event, "sessionId", "userId", tags, "ipAddress", "userAgent", browser, os,
                  "deviceType", actor, reason, details, "collapseKey", coalesce(count, 1)
           FROM jsonb_to_recordset($1::jsonb) AS v (${FIELDS})
           ON CONFLICT (collapse_key) DO UPDATE SET count = existing.count + EXCLUDED.count
           RETURNING id, time, event, session_id, tags, reason, details, xmax = 0 AS is_new),
         queued AS (${QUEUE_WEBHOOKS})
         SELECT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time FROM written`,
};
const DELETE_OLD = deletionOf("audit-delete-old", { table: "byo.audit_events", column: "time", upTo: ago("$3") });

/** The events of the user $1, found by the index on the hash of the user id. */
export const EVENTS_OF_USER = "hashtextextended(user_id, 0) = hashtextextended($1, 0) AND user_id = $1";

/** An event as it is written: repeated events share a row by their key. */
export interface AuditRow extends AuditEvent {
  /** When it happened, in ISO form, if that was earlier than the write. */
  time?: string;
  collapseKey?: string;
  count?: number;
}

/** Writes events and returns the database's time of each, in ISO form, in the same order. */
export async function insertAuditRows(db: Queryable, rows: readonly AuditRow[]): Promise<string[]> {
  const inserted = await db.query<{ time: string }>(INSERT, [JSON.stringify(rows.map(withDevice))]);
  return inserted.map((row) => row.time);
}

/** Deletes up to `limit` events older than the retention, from that time on. */
export function deleteOldAuditRows(
  db: Queryable,
  retentionSecs: number,
  from: string | null,
  limit: number,
): Promise<Deleted> {
  return deleteSome(db, DELETE_OLD, from, limit, retentionSecs);
}

/** For searches by browser, system or kind of device. */
function withDevice(row: AuditRow) {
  if (row.userAgent === undefined) return row;
  const { browser, os, deviceType } = describeDevice(row.userAgent);
  return { ...row, browser, os, deviceType };
}
