import type { EndReason, JsonValue } from "@byo-session/core/contract";
import type { Database, Statement } from "../../engine/db/database.ts";
import { type LivingValues, lapsedSql, livingSql } from "../../engine/sessions/living/store.ts";
import {
  type Conditions,
  conditionsOf,
  flagCondition,
  happenedCondition,
  hasDevice,
  LIVING_AT,
  type ParsedFilter,
  type TouchedByPart,
} from "./filter-store.ts";
import { listedIfKnown, touchedBy, touchedByEvents, touchedFrom } from "./touched-store.ts";

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
  /** The policy's revision at the end. */
  endRevision: number | null;
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
  text: `SELECT ${COLUMNS}, metadata, gen, ${ms("since")} AS since,
    end_revision AS "endRevision" FROM byo.sessions WHERE id = $1`,
};
const SEEN: Statement = {
  name: "dashboard-session-addresses",
  text: `SELECT ip_address AS "ipAddress", ${ms("min(time)")} AS "firstSeenAt", ${ms("max(time)")} AS "lastSeenAt"
    FROM (SELECT ip_address, time FROM byo.audit_events WHERE session_id = $1 ORDER BY time DESC LIMIT 5000) AS latest
    WHERE ip_address IS NOT NULL GROUP BY ip_address ORDER BY max(time) DESC LIMIT 100`,
};

// No name: a prepared statement is planned without its values, and some filters need a plan for theirs.
const unprepared = (text: string): Statement => ({ name: "", text });

type State = NonNullable<ParsedFilter["state"]>;

const IS_MARKED = "ended_at IS NOT NULL";

/** Sessions in which all of these are true. */
const where = (conditions: readonly string[]) => `byo.sessions WHERE ${conditions.join(" AND ")}`;
// Few sessions match, so they are found by what is most selective, not in the order of the list.
const unordered = (from: string) => `(SELECT * FROM ${from} OFFSET 0) AS sessions`;

/** Living and ended sessions are read separately, so that each part can use its own index. */
function partsOf({ sql, marked, isAmong }: Conditions, state: State, more: readonly string[] = []): string[] {
  const rest = [...more, ...sql];
  if (isAmong && state === "all") return [where(rest)];
  const ended = where([IS_MARKED, ...marked, ...rest]);
  if (state === "active") return [where([livingSql(LIVING_AT), ...rest])];
  return state === "all" ? [where(["ended_at IS NULL", ...rest]), ended] : [ended];
}

/** Sessions that have ended by time and are not marked yet, which belong to the ended ones. */
function lapsedOf({ sql, lapsed }: Conditions, more: readonly string[] = []): string[] {
  return lapsed ? [unordered(where([lapsedSql(LIVING_AT), ...lapsed, ...more, ...sql]))] : [];
}

function pageStatement(conditions: Conditions, state: State, after: boolean, at: number): Statement {
  const keyset = after ? [`(created_at, id) < ($${at}::timestamptz, $${at + 1}::uuid)`] : [];
  const limit = `$${after ? at + 2 : at}`;
  const order = "ORDER BY created_at DESC, id DESC";
  // A policy with a short timeout makes all living sessions candidates. Those from before a full page are not looked at.
  const reach = `created_at >= (SELECT CASE WHEN count(*) < ${limit} THEN '-infinity' ELSE min(created_at) END FROM indexed)`;
  const pages = (parts: string[]) =>
    parts.map((part) => `(SELECT * FROM ${part} ${order} LIMIT ${limit})`).join(" UNION ALL ");
  const inOrder = partsOf(conditions, state, keyset);
  const lapsed = lapsedOf(conditions, [...keyset, reach]);
  const found = ["SELECT * FROM indexed", ...(lapsed.length > 0 ? [pages(lapsed)] : [])].join(" UNION ALL ");
  return unprepared(
    `WITH indexed AS MATERIALIZED (${pages(conditions.isAmong ? inOrder.map(unordered) : inOrder)})
      SELECT ${COLUMNS} FROM (${found}) AS found ${order} LIMIT ${limit}`,
  );
}

function countStatement(conditions: Conditions, state: State, at: number): Statement {
  const all = [...partsOf(conditions, state), ...lapsedOf(conditions)];
  const parts = all.map((part) => `(SELECT 1 FROM ${part} LIMIT $${at})`);
  return unprepared(
    `SELECT count(*)::float8 AS count FROM (SELECT 1 FROM (${parts.join(" UNION ALL ")}) AS found LIMIT $${at}) AS capped`,
  );
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
  const touchedOf = async (filter: ParsedFilter): Promise<TouchedByPart> => {
    // With an event they are conditions on the event itself.
    const { addresses, event, flag } = filter;
    return {
      fromAddresses: addresses && event === undefined ? await touchedFrom(db, addresses) : undefined,
      byDevice: hasDevice(filter) && event === undefined ? await touchedBy(db, filter) : undefined,
      withEvent: event && (await touchedByEvents(db, happenedCondition(filter, event))),
      flagged: flag && (await touchedByEvents(db, flagCondition(flag))),
    };
  };
  return {
    async page(filter, living, after, limit) {
      const found = conditionsOf(filter, { ...(await touchedOf(filter)), living });
      const statement = pageStatement(found, filter.state ?? "all", after !== undefined, found.values.length + 1);
      return db.query<ListedRow>(statement, [...found.values, ...(after ? [after.createdText, after.id] : []), limit]);
    },
    async count(filter, living, limit) {
      const { fromAddresses, byDevice, withEvent, flagged } = await touchedOf(filter);
      const touched: TouchedByPart = {
        fromAddresses: fromAddresses && listedIfKnown(fromAddresses),
        byDevice: byDevice && listedIfKnown(byDevice),
        withEvent: withEvent && listedIfKnown(withEvent),
        flagged: flagged && listedIfKnown(flagged),
      };
      const found = conditionsOf(filter, { ...touched, living });
      const statement = countStatement(found, filter.state ?? "all", found.values.length + 1);
      return (await db.query<{ count: number }>(statement, [...found.values, limit]))[0]?.count ?? 0;
    },
    detail: async (id) => (await db.query<DetailRow>(DETAIL, [id]))[0],
    addresses: (id) => db.query<SeenRow>(SEEN, [id]),
  };
}
