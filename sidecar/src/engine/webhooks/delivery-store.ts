import { changed } from "../db/changed.ts";
import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";
import { ago, NOW } from "../db/time.ts";
import type { PublishedEvent } from "./payload.ts";

/** A delivery that this replica has leased. */
export interface LeasedDelivery extends PublishedEvent {
  id: string;
  messageId: string;
  type: string;
  /** With the one that is about to be made. */
  attempts: number;
}

/** A delivery as people see it. Times are Unix seconds. */
export interface DeliveryRow {
  id: string;
  type: string;
  messageId: string;
  sessionId: string | null;
  createdAt: number;
  state: "waiting" | "delivered" | "given-up";
  attempts: number;
  /** When it is sent next. */
  dueAt: number | null;
  deliveredAt: number | null;
  /** Of the last attempt. */
  status: number | null;
  error: string | null;
}

/** Longer than an attempt can take: a replica that ends meanwhile leaves its deliveries to others after this time. */
const LEASE_SECS = 60;
/** How long delivered ones are kept, for people to see. */
const DELIVERED_KEPT_SECS = 7 * 86_400;

// Of each session only the first that is not settled, so that no event overtakes an earlier one. It is asked for in a form that
// the planner cannot turn into a join of all rows. SKIP LOCKED: another replica is just leasing it.
const LEASE: Statement = {
  name: "webhook-lease",
  text: `WITH leased AS (
      UPDATE byo.webhook_deliveries SET lease = $3, attempts = attempts + 1,
        due_at = byo.now() + make_interval(secs => ${LEASE_SECS})
      WHERE id = ANY (ARRAY(
        SELECT d.id FROM byo.webhook_deliveries d
        WHERE d.endpoint_id = $1 AND d.due_at <= ${NOW} AND d.id = coalesce((
          SELECT first.id FROM byo.webhook_deliveries first WHERE first.endpoint_id = d.endpoint_id
            AND first.session_id = d.session_id AND first.due_at IS NOT NULL ORDER BY first.id LIMIT 1), d.id)
        ORDER BY d.due_at LIMIT $2 FOR UPDATE OF d SKIP LOCKED))
      RETURNING id, message_id, type, attempts, event_id)
    SELECT d.id::text AS id, d.message_id::text AS "messageId", d.type, d.attempts, a.event,
      to_char(a.time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time, a.session_id::text AS "sessionId",
      a.user_id AS "userId", a.tags, a.actor, a.reason, a.device_browser AS browser, a.device_os AS os,
      a.device_type AS "deviceType", a.ip_address AS "ipAddress", a.user_agent AS "userAgent", a.details
    FROM leased d LEFT JOIN byo.audit_events a ON a.id = d.event_id ORDER BY d.id`,
};
const DELIVERED: Statement = {
  name: "webhook-delivered",
  text: `UPDATE byo.webhook_deliveries SET due_at = NULL, lease = NULL, delivered_at = byo.now(), status = $3, error = NULL
    WHERE id = $1 AND lease = $2 RETURNING id`,
};
const FAILED: Statement = {
  name: "webhook-failed",
  text: `UPDATE byo.webhook_deliveries SET lease = NULL, status = $3, error = $4,
      due_at = byo.now() + make_interval(secs => $5::float8),
      given_up_at = CASE WHEN $5::float8 IS NULL THEN byo.now() END
    WHERE id = $1 AND lease = $2 RETURNING id`,
};
const RELEASE: Statement = {
  name: "webhook-release",
  text: `UPDATE byo.webhook_deliveries SET lease = NULL, attempts = attempts - 1, due_at = byo.now()
    WHERE id = $1 AND lease = $2 RETURNING id`,
};
const REMOVE: Statement = {
  name: "webhook-remove",
  text: "DELETE FROM byo.webhook_deliveries WHERE id = $1 AND lease = $2 RETURNING id",
};
const seconds = (column: string) => `floor(extract(epoch FROM ${column}))::float8`;
const PAGE: Statement = {
  name: "webhook-deliveries",
  text: `SELECT id::text AS id, message_id::text AS "messageId", type, session_id::text AS "sessionId", attempts, status,
      error, ${seconds("created_at")} AS "createdAt", ${seconds("due_at")} AS "dueAt",
      ${seconds("delivered_at")} AS "deliveredAt",
      CASE WHEN due_at IS NOT NULL THEN 'waiting' WHEN given_up_at IS NULL THEN 'delivered' ELSE 'given-up' END AS state
    FROM byo.webhook_deliveries d WHERE endpoint_id = $1 AND d.id < coalesce($2::bigint, 9223372036854775807)
    ORDER BY d.id DESC LIMIT $3`,
};
const PAGE_GIVEN_UP: Statement = {
  name: "webhook-deliveries-given-up",
  text: PAGE.text.replace("WHERE endpoint_id", "WHERE given_up_at IS NOT NULL AND endpoint_id"),
};
// An attempt under way stays as it is: it may be delivering just now.
const AGAIN = "due_at = byo.now(), attempts = 0, given_up_at = NULL, delivered_at = NULL";
const REPLAY_ONE: Statement = {
  name: "webhook-replay-one",
  text: `UPDATE byo.webhook_deliveries SET ${AGAIN} WHERE id = $2 AND endpoint_id = $1 AND lease IS NULL RETURNING id`,
};
const REPLAY_ALL: Statement = {
  name: "webhook-replay-all",
  text: `UPDATE byo.webhook_deliveries SET ${AGAIN} WHERE id = ANY (ARRAY(
      SELECT id FROM byo.webhook_deliveries WHERE endpoint_id = $1 AND given_up_at IS NOT NULL
      ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING id`,
};
const RETRY_WAITING: Statement = {
  name: "webhook-retry-waiting",
  text: `UPDATE byo.webhook_deliveries SET due_at = byo.now() WHERE id = ANY (ARRAY(
      SELECT id FROM byo.webhook_deliveries WHERE endpoint_id = $1 AND due_at > ${NOW} AND lease IS NULL
      ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING id`,
};
const DELETE_DELIVERED = deletionOf("webhook-delete-delivered", {
  table: "byo.webhook_deliveries",
  column: "delivered_at",
  upTo: ago(String(DELIVERED_KEPT_SECS)),
});
const DELETE_OLD = deletionOf("webhook-delete-old", {
  table: "byo.webhook_deliveries",
  column: "created_at",
  upTo: ago("$3"),
});

/** What a lease returns: the event is null if the retention has deleted it. */
type Leased = { [K in keyof LeasedDelivery]: K extends "event" ? string | null : LeasedDelivery[K] };

export interface DeliveryStore {
  /** Leases up to `limit` deliveries of an endpoint that are due. Those whose event is gone have no event. */
  lease(endpointId: string, limit: number, lease: string): Promise<Leased[]>;
  /** The following change a delivery only while the lease is held. */
  delivered(id: string, lease: string, status: number | null): Promise<boolean>;
  /** `waitSecs` undefined: it is given up. */
  failed(
    id: string,
    lease: string,
    last: { status: number | null; error: string | null },
    waitSecs: number | undefined,
  ): Promise<boolean>;
  /** Takes back the attempt: another replica makes it. */
  release(id: string, lease: string): Promise<boolean>;
  remove(id: string, lease: string): Promise<boolean>;
  /** The newest first. `before`: the last id of the page before. */
  page(endpointId: string, onlyGivenUp: boolean, before: string | null, limit: number): Promise<DeliveryRow[]>;
  replay(endpointId: string, id: string): Promise<boolean>;
  /** Sends again, from now on, up to `limit` that were given up, and as many that wait; returns how many. */
  replayAll(endpointId: string, limit: number): Promise<number>;
  deleteDelivered(from: string | null, limit: number): Promise<Deleted>;
  deleteOld(retentionSecs: number, from: string | null, limit: number): Promise<Deleted>;
}

export function createDeliveryStore(db: Queryable): DeliveryStore {
  return {
    lease: (endpointId, limit, lease) => db.query<Leased>(LEASE, [endpointId, limit, lease]),
    delivered: (id, lease, status) => changed(db, DELIVERED, id, lease, status),
    failed: (id, lease, { status, error }, waitSecs) => changed(db, FAILED, id, lease, status, error, waitSecs ?? null),
    release: (id, lease) => changed(db, RELEASE, id, lease),
    remove: (id, lease) => changed(db, REMOVE, id, lease),
    page: (endpointId, onlyGivenUp, before, limit) =>
      db.query(onlyGivenUp ? PAGE_GIVEN_UP : PAGE, [endpointId, before, limit]),
    replay: (endpointId, id) => changed(db, REPLAY_ONE, endpointId, id),
    async replayAll(endpointId, limit) {
      const givenUp = await db.query(REPLAY_ALL, [endpointId, limit]);
      const waiting = await db.query(RETRY_WAITING, [endpointId, limit]);
      return givenUp.length + waiting.length;
    },
    deleteDelivered: (from, limit) => deleteSome(db, DELETE_DELIVERED, from, limit),
    deleteOld: (retentionSecs, from, limit) => deleteSome(db, DELETE_OLD, from, limit, retentionSecs),
  };
}
