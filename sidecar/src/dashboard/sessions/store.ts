import type { EndReason, JsonValue } from "@byo-session/core/contract";
import type { Database, Statement } from "../../engine/db/database.ts";
import { type LivingValues, livingSql } from "../../engine/sessions/living/store.ts";
import {
  type AddressRange,
  type AtAddresses,
  type Conditions,
  conditionsOf,
  LIVING_AT,
  type ParsedFilter,
} from "./filter-store.ts";

/** What the list shows of a session. Times are the database's, in milliseconds since 1970. */
export interface ListedRow {
  id: string;
  userId: string;
  tags: string[];
  /** To the microsecond, for the cursor. */
  createdText: string;
  createdAt: number;
  expiresAt: number;
  lastActivityAt: number;
  ipAddress: string | null;
  lastIpAddress: string | null;
  userAgent: string | null;
  deviceThumbprint: string | null;
  endedAt: number | null;
  endReason: EndReason | null;
  now: number;
}

export interface DetailRow extends ListedRow {
  metadata: JsonValue | null;
  gen: number;
  since: number;
}

export interface SeenRow {
  ipAddress: string;
  firstSeenAt: number;
  lastSeenAt: number;
}

/** Where the previous page ended. */
export interface Position {
  createdText: string;
  id: string;
}

const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;
const EXACT = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const COLUMNS = `id, user_id AS "userId", tags, ${EXACT} AS "createdText", ${ms("created_at")} AS "createdAt",
  ${ms("expires_at")} AS "expiresAt", ${ms("last_activity_at")} AS "lastActivityAt", ip_address AS "ipAddress",
  last_ip_address AS "lastIpAddress", user_agent AS "userAgent", device_thumbprint AS "deviceThumbprint",
  ${ms("ended_at")} AS "endedAt", end_reason AS "endReason", ${ms("byo.now()")} AS now`;

const DETAIL: Statement = {
  name: "dashboard-session",
  text: `SELECT ${COLUMNS}, metadata, gen, ${ms("since")} AS since FROM byo.sessions WHERE id = $1`,
};
const SEEN: Statement = {
  name: "dashboard-session-addresses",
  text: `SELECT ip_address AS "ipAddress", ${ms("min(time)")} AS "firstSeenAt", ${ms("max(time)")} AS "lastSeenAt"
    FROM (SELECT ip_address, time FROM byo.audit_events WHERE session_id = $1 ORDER BY time DESC LIMIT 5000) AS latest
    WHERE ip_address IS NOT NULL GROUP BY ip_address ORDER BY max(time) DESC LIMIT 100`,
};

// No name: a prepared statement is planned without its values, and some filters need a plan for theirs.
const unprepared = (text: string): Statement => ({ name: "", text });

/** Living and ended sessions are read separately, so that each part can use its own index. */
const PARTS = {
  active: [livingSql(LIVING_AT)],
  ended: ["ended_at IS NOT NULL"],
  all: ["ended_at IS NULL", "ended_at IS NOT NULL"],
};

function partsOf({ sql }: Conditions, state: keyof typeof PARTS, more: readonly string[] = []): string[] {
  return PARTS[state].map((part) => `byo.sessions WHERE ${[part, ...more, ...sql].join(" AND ")}`);
}

function pageStatement(conditions: Conditions, state: keyof typeof PARTS, after: boolean, at: number): Statement {
  const keyset = after ? [`(created_at, id) < ($${at}::timestamptz, $${at + 1}::uuid)`] : [];
  const limit = `$${after ? at + 2 : at}`;
  const order = "ORDER BY created_at DESC, id DESC";
  const parts = partsOf(conditions, state, keyset).map((part) => `(SELECT * FROM ${part} ${order} LIMIT ${limit})`);
  return unprepared(`SELECT ${COLUMNS} FROM (${parts.join(" UNION ALL ")}) AS found ${order} LIMIT ${limit}`);
}

function countStatement(conditions: Conditions, state: keyof typeof PARTS, at: number): Statement {
  const parts = partsOf(conditions, state).map((part) => `(SELECT 1 FROM ${part} LIMIT $${at})`);
  return unprepared(
    `SELECT count(*)::float8 AS count FROM (SELECT 1 FROM (${parts.join(" UNION ALL ")}) AS found LIMIT $${at}) AS capped`,
  );
}

// The planner expects any range of addresses to match half a percent of all rows, and would read a million rows for a
// network that most sessions come from. An ordered index scan stops when it has enough.
const BY_INDEX: Statement = {
  name: "dashboard-plan-by-index",
  text: `SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true)`,
};
const IDS_AT_LOGIN: Statement = {
  name: "dashboard-sessions-at-login",
  text: `SELECT id FROM byo.sessions WHERE ip_address IS NOT NULL AND ip_address::inet BETWEEN $1::inet AND $2::inet
    ORDER BY ip_address::inet LIMIT $3`,
};
const IDS_AT_LAST: Statement = {
  name: "dashboard-sessions-at-last",
  text: `SELECT id FROM byo.sessions WHERE last_ip_address IS DISTINCT FROM ip_address
      AND last_ip_address::inet BETWEEN $1::inet AND $2::inet
    ORDER BY last_ip_address::inet LIMIT $3`,
};
/** Looking up this many sessions one by one takes a fifth of a second when they are not in memory. */
const FEW = 2_500;

async function sessionsAt(db: Database, range: AddressRange): Promise<AtAddresses> {
  const values = [range.first, range.last, FEW + 1];
  const ids = await db.transaction(async (tx) => {
    await tx.query(BY_INDEX);
    const atLogin = await tx.query<{ id: string }>(IDS_AT_LOGIN, values);
    return atLogin.length > FEW ? atLogin : [...atLogin, ...(await tx.query<{ id: string }>(IDS_AT_LAST, values))];
  });
  return ids.length > FEW ? range : { ids: [...new Set(ids.map(({ id }) => id))] };
}

export interface SearchStore {
  /** The newest first. */
  page(filter: ParsedFilter, living: LivingValues, after: Position | undefined, limit: number): Promise<ListedRow[]>;
  /** Counts up to the limit. */
  count(filter: ParsedFilter, living: LivingValues, limit: number): Promise<number>;
  detail(id: string): Promise<DetailRow | undefined>;
  /** The addresses of the session's events, the latest first. */
  addresses(id: string): Promise<SeenRow[]>;
}

export function createSearchStore(db: Database): SearchStore {
  const conditions = async (filter: ParsedFilter, living: LivingValues) =>
    conditionsOf(filter, filter.addresses && (await sessionsAt(db, filter.addresses)), living);
  return {
    async page(filter, living, after, limit) {
      const found = await conditions(filter, living);
      const statement = pageStatement(found, filter.state ?? "all", after !== undefined, found.values.length + 1);
      return db.query<ListedRow>(statement, [...found.values, ...(after ? [after.createdText, after.id] : []), limit]);
    },
    async count(filter, living, limit) {
      const found = await conditions(filter, living);
      const statement = countStatement(found, filter.state ?? "all", found.values.length + 1);
      return (await db.query<{ count: number }>(statement, [...found.values, limit]))[0]?.count ?? 0;
    },
    detail: async (id) => (await db.query<DetailRow>(DETAIL, [id]))[0],
    addresses: (id) => db.query<SeenRow>(SEEN, [id]),
  };
}
