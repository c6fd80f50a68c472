import { changed } from "../db/changed.ts";
import type { Queryable, Statement } from "../db/database.ts";
import { ago, NOW } from "../db/time.ts";

/** What a person decides about an endpoint. */
export interface EndpointChoice {
  name: string;
  url: string;
  /** Null: every type. */
  types: readonly string[] | null;
  /** Which ends of sessions; null: all. */
  endReasons: readonly string[] | null;
  /** Only events of sessions with one of these tags; null: all events. */
  tags: readonly string[] | null;
  /** Whether addresses and user agents are sent too. */
  sendsClient: boolean;
  isDisabled: boolean;
}

/** An endpoint as people see it. Times are Unix seconds. */
export interface EndpointRow extends EndpointChoice {
  id: string;
  createdAt: number;
  /** Until when the previous secret signs too; null: it does not. */
  previousUntil: number | null;
  /** Deliveries that wait for their next attempt, and that were given up; at most 1000 of each. */
  waiting: number;
  givenUp: number;
}

/** What a delivery needs of its endpoint. */
export interface EndpointTarget {
  id: string;
  url: string;
  sendsClient: boolean;
  secret: Buffer;
  /** Null unless it still signs. */
  previousSecret: Buffer | null;
}

/** Rows that a count reads at most. */
const COUNTED = 1000;

const seconds = (column: string) => `floor(extract(epoch FROM ${column}))::float8`;
const countOf = (condition: string) =>
  `(SELECT count(*)::float8 FROM (SELECT FROM byo.webhook_deliveries d WHERE d.endpoint_id = e.id AND ${condition} LIMIT ${COUNTED}) AS counted)`;
const PREVIOUS_SIGNS = `previous_until > ${NOW}`;

const LIST: Statement = {
  name: "webhook-endpoints",
  text: `SELECT id::text AS id, name, url, types, end_reasons AS "endReasons", tags, sends_client AS "sendsClient",
      disabled_at IS NOT NULL AS "isDisabled", ${seconds("created_at")} AS "createdAt",
      CASE WHEN ${PREVIOUS_SIGNS} THEN ${seconds("previous_until")} END AS "previousUntil",
      ${countOf("d.due_at IS NOT NULL")} AS waiting, ${countOf("d.given_up_at IS NOT NULL")} AS "givenUp"
    FROM byo.webhook_endpoints e WHERE e.deleted_at IS NULL ORDER BY e.created_at, e.id`,
};
const TARGET = `e.id::text AS id, e.url, e.sends_client AS "sendsClient", e.secret,
  CASE WHEN e.${PREVIOUS_SIGNS} THEN e.previous_secret END AS "previousSecret"`;
const TARGET_OF: Statement = {
  name: "webhook-target",
  text: `SELECT ${TARGET} FROM byo.webhook_endpoints e WHERE e.id = $1 AND e.deleted_at IS NULL`,
};
const ANY: Statement = {
  name: "webhook-any-endpoint",
  text: "SELECT EXISTS (SELECT FROM byo.webhook_endpoints WHERE disabled_at IS NULL) AS any",
};
const DUE: Statement = {
  name: "webhook-due-endpoints",
  text: `SELECT ${TARGET}, date_part('epoch', ${NOW} - oldest.due_at) AS "lateSecs"
    FROM byo.webhook_endpoints e
    CROSS JOIN LATERAL (SELECT d.due_at FROM byo.webhook_deliveries d
      WHERE d.endpoint_id = e.id AND d.due_at <= ${NOW} ORDER BY d.due_at LIMIT 1) AS oldest
    WHERE e.disabled_at IS NULL`,
};
// The lock makes the limit exact, and names unique.
const LOCK: Statement = {
  name: "webhook-endpoints-lock",
  text: "SELECT pg_advisory_xact_lock(7140235190)",
};
const INSERT: Statement = {
  name: "webhook-endpoint-insert",
  text: `INSERT INTO byo.webhook_endpoints (id, name, url, types, end_reasons, tags, sends_client, disabled_at, secret)
    VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $8::boolean THEN byo.now() END, $9) RETURNING id`,
};
const UPDATE: Statement = {
  name: "webhook-endpoint-update",
  text: `UPDATE byo.webhook_endpoints SET name = $2, url = $3, types = $4, end_reasons = $5, tags = $6, sends_client = $7,
      disabled_at = CASE WHEN $8::boolean THEN coalesce(disabled_at, byo.now()) END
    WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
};
const DELETE: Statement = {
  name: "webhook-endpoint-delete",
  text: `UPDATE byo.webhook_endpoints SET deleted_at = byo.now(), disabled_at = coalesce(disabled_at, byo.now()),
      secret = NULL, previous_secret = NULL, previous_until = NULL
    WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
};
// There are few endpoints. A row that a session's change is just writing for one of them stays until the next time.
const DELETE_DELIVERIES: Statement = {
  name: "webhook-deliveries-delete",
  text: `DELETE FROM byo.webhook_deliveries WHERE id = ANY (ARRAY(
      SELECT part.id FROM byo.webhook_endpoints e CROSS JOIN LATERAL (
        SELECT d.id FROM byo.webhook_deliveries d WHERE d.endpoint_id = e.id
        ORDER BY d.id LIMIT $1 FOR UPDATE SKIP LOCKED) AS part
      WHERE e.deleted_at IS NOT NULL)) RETURNING id`,
};
const DELETE_EMPTY: Statement = {
  name: "webhook-endpoints-delete",
  text: `DELETE FROM byo.webhook_endpoints e WHERE deleted_at <= ${ago("3600")}
      AND NOT EXISTS (SELECT FROM byo.webhook_deliveries d WHERE d.endpoint_id = e.id) RETURNING id`,
};
const ROTATE: Statement = {
  name: "webhook-secret-rotate",
  text: `UPDATE byo.webhook_endpoints SET previous_secret = CASE WHEN $3::float8 > 0 THEN secret END,
      previous_until = CASE WHEN $3::float8 > 0 THEN byo.now() + make_interval(secs => $3::float8) END, secret = $2
    WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
};
const FORGET_SECRETS: Statement = {
  name: "webhook-secrets-forget",
  text: `UPDATE byo.webhook_endpoints SET previous_secret = NULL, previous_until = NULL
    WHERE previous_until <= ${ago("60")} RETURNING id`,
};

export interface EndpointStore {
  list(): Promise<EndpointRow[]>;
  target(id: string): Promise<EndpointTarget | undefined>;
  /** Whether any endpoint is enabled. */
  any(): Promise<boolean>;
  /** The enabled endpoints with something to send now, and for how long it has been due. */
  due(): Promise<(EndpointTarget & { lateSecs: number })[]>;
  /** Until the end of the transaction, no other changes the list of endpoints. */
  lock(): Promise<void>;
  insert(id: string, choice: EndpointChoice, secret: Buffer): Promise<void>;
  /** False if there is no such endpoint; the same for the others. */
  update(id: string, choice: EndpointChoice): Promise<boolean>;
  delete(id: string): Promise<boolean>;
  /** `keepSecs`: how long the secret until now signs too. */
  rotate(id: string, secret: Buffer, keepSecs: number): Promise<boolean>;
  /** Deletes up to `limit` deliveries of each deleted endpoint, and those endpoints that have none left; returns how many. */
  deleteRest(limit: number): Promise<number>;
  /** Deletes secrets whose time is over; returns how many. */
  forgetSecrets(): Promise<number>;
}

export function createEndpointStore(db: Queryable): EndpointStore {
  const values = (id: string, { name, url, types, endReasons, tags, sendsClient, isDisabled }: EndpointChoice) => [
    ...[id, name, url, types, endReasons, tags],
    ...[sendsClient, isDisabled],
  ];
  return {
    list: () => db.query<EndpointRow>(LIST),
    target: async (id) => (await db.query<EndpointTarget>(TARGET_OF, [id]))[0],
    any: async () => (await db.query<{ any: boolean }>(ANY))[0]?.any === true,
    due: () => db.query(DUE),
    lock: async () => void (await db.query(LOCK)),
    insert: async (id, choice, secret) => void (await db.query(INSERT, [...values(id, choice), secret])),
    update: (id, choice) => changed(db, UPDATE, ...values(id, choice)),
    delete: (id) => changed(db, DELETE, id),
    rotate: (id, secret, keepSecs) => changed(db, ROTATE, id, secret, keepSecs),
    async deleteRest(limit) {
      const deleted = (await db.query(DELETE_DELIVERIES, [limit])).length;
      return deleted > 0 ? deleted : (await db.query(DELETE_EMPTY)).length;
    },
    forgetSecrets: async () => (await db.query(FORGET_SECRETS)).length,
  };
}
