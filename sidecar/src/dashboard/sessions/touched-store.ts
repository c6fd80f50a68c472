import type { Database, Queryable, Statement } from "../../engine/db/database.ts";
import type { SessionFilter } from "./filter-input.ts";

/**
 * Which sessions an address or a device touched: by their login, their last use, or any of their events. The planner
 * cannot know how many that are, and a bad guess takes seconds, so they are looked up first: a few are listed by their
 * ids; many become conditions on each session, read in the order of the list.
 */
export type Touched =
  | { readonly ids: readonly string[] }
  /** Too many to look up one by one: by an event, and by the login or the last use, as far as they could be gathered. */
  | { readonly ofEvents: Gathered; readonly own: Gathered };

type Gathered = readonly string[] | "too many";

/** The first and the last address of a network. */
export interface AddressRange {
  first: string;
  last: string;
}

/** A browser, a system or a kind of device. */
export type DeviceFilter = Pick<SessionFilter, "browser" | "os" | "deviceType">;

/** A condition on rows; each `?` stands for the next value. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Looking up this many sessions one by one takes a fifth of a second when they are not in memory. */
const FEW = 2_500;
/** Gathering this many events from an index takes a tenth of a second. */
const SOME_EVENTS = 100_000;
/** More sessions than this are found soon enough by looking at each in the order of the list. */
const SOME_SESSIONS = 25_000;
const EVENTS = "byo.audit_events WHERE session_id IS NOT NULL";
const DEVICE_TYPES = "device_type = ANY('{Desktop,Mobile,Tablet,Unknown}')";

// The planner expects any range of addresses to match half a percent of all rows, and would read a million rows for a
// network that most sessions come from. An ordered index scan stops when it has enough.
const BY_INDEX: Statement = {
  name: "dashboard-plan-by-index",
  text: `SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true)`,
};
const AT_LOGIN: Statement = {
  name: "dashboard-sessions-at-login",
  text: `SELECT id FROM byo.sessions WHERE ip_address IS NOT NULL AND ip_address::inet BETWEEN $1::inet AND $2::inet
    ORDER BY ip_address::inet LIMIT $3`,
};
const AT_LAST: Statement = {
  name: "dashboard-sessions-at-last",
  text: `SELECT id FROM byo.sessions WHERE last_ip_address IS DISTINCT FROM ip_address
      AND last_ip_address::inet BETWEEN $1::inet AND $2::inet
    ORDER BY last_ip_address::inet LIMIT $3`,
};
const EVENTS_AT = `byo.audit_events WHERE session_id IS NOT NULL AND ip_address IS NOT NULL
  AND ip_address::inet BETWEEN $1::inet AND $2::inet`;
// Goes from each session to the next one: an address can have a million events of one session.
const SESSIONS_OF_EVENTS_AT: Statement = {
  name: "dashboard-sessions-of-events-at",
  text: `WITH RECURSIVE step AS (
      (SELECT ip_address::inet AS ip, session_id FROM ${EVENTS_AT} ORDER BY ip_address::inet, session_id LIMIT 1)
      UNION ALL
      SELECT following.* FROM step CROSS JOIN LATERAL (
        SELECT ip_address::inet AS ip, session_id FROM byo.audit_events
        WHERE session_id IS NOT NULL AND ip_address IS NOT NULL AND ip_address::inet <= $2::inet
          AND (ip_address::inet, session_id) > (step.ip, step.session_id)
        ORDER BY ip_address::inet, session_id LIMIT 1) AS following
    )
    SELECT session_id AS id FROM step LIMIT $3`,
};
interface IdRow {
  id: string;
}

/** The sessions that a network touched. */
export async function touchedFrom(db: Database, range: AddressRange): Promise<Touched> {
  const values = [range.first, range.last, FEW + 1];
  return db.transaction(async (tx) => {
    await tx.query(BY_INDEX);
    const own: string[] = [];
    const gathered = async () => ofEvents(tx, addressEventCondition(range));
    for (const statement of [AT_LOGIN, AT_LAST]) {
      own.push(...(await tx.query<IdRow>(statement, values)).map(({ id }) => id));
      if (own.length > FEW) return { own: "too many", ofEvents: await gathered() };
    }
    const touched = await tx.query<IdRow>(SESSIONS_OF_EVENTS_AT, values);
    const ids = new Set([...own, ...touched.map(({ id }) => id)]);
    return ids.size > FEW ? { own, ofEvents: await gathered() } : { ids: [...ids] };
  });
}

/** The sessions that a kind of device touched. */
export async function touchedBy(db: Database, device: DeviceFilter): Promise<Touched> {
  const condition = deviceCondition(device);
  const sessions = numbered(`SELECT id FROM byo.sessions WHERE ${condition.sql} LIMIT ?`, condition, FEW + 1);
  const own = await db.query<IdRow>(sessions.statement, sessions.values);
  return touchedByEvents(db, deviceEventCondition(device), own);
}

/** The sessions with such an event, and these. */
export async function touchedByEvents(db: Database, event: Condition, own: readonly IdRow[] = []): Promise<Touched> {
  const gathered = await ofEvents(db, event);
  const ids = own.map(({ id }) => id);
  if (gathered !== "too many") {
    const all = new Set([...ids, ...gathered]);
    if (all.size <= FEW) return { ids: [...all] };
  }
  return { own: ids.length > FEW ? "too many" : ids, ofEvents: gathered };
}

/** The sessions of all such events, unless they are too many. */
async function ofEvents(db: Queryable, event: Condition): Promise<Gathered> {
  const { statement, values } = numbered(
    `WITH found AS MATERIALIZED (SELECT session_id FROM ${EVENTS} AND ${event.sql} LIMIT ?)
      SELECT DISTINCT session_id AS id, (SELECT count(*) FROM found)::float8 AS total FROM found
      LIMIT ${SOME_SESSIONS + 1}`,
    event,
    SOME_EVENTS + 1,
  );
  const found = await db.query<IdRow & { total: number }>(statement, values);
  const isCut = (found[0]?.total ?? 0) > SOME_EVENTS || found.length > SOME_SESSIONS;
  return isCut ? "too many" : found.map(({ id }) => id);
}

/** A condition on a session or an event, for its device. */
export function deviceCondition({ browser, os, deviceType }: DeviceFilter): Condition {
  const parts: [string, string | undefined][] = [
    ["device_type", deviceType],
    ["device_browser", browser],
    ["device_os", os],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  return { sql: given.map(([column]) => `${column} = ?`).join(" AND "), values: given.map(([, value]) => value) };
}

/** The same for an event, in the form that the indexes of events answer. */
export function deviceEventCondition(device: DeviceFilter): Condition {
  const { sql, values } = deviceCondition(device);
  const { browser, os, deviceType } = device;
  const index = browser !== undefined || os === undefined ? "device_browser IS NOT NULL" : "device_os IS NOT NULL";
  const types = deviceType === undefined ? [DEVICE_TYPES] : [];
  return { sql: [...types, sql, index].join(" AND "), values };
}

export function addressEventCondition({ first, last }: AddressRange): Condition {
  return { sql: "ip_address IS NOT NULL AND ip_address::inet BETWEEN ?::inet AND ?::inet", values: [first, last] };
}

/** For a count: many sessions whose ids are all known are looked up by them too, instead of reading all in order. */
export function listedIfKnown(touched: Touched): Touched {
  if ("ids" in touched || touched.own === "too many" || touched.ofEvents === "too many") return touched;
  return { ids: [...new Set([...touched.own, ...touched.ofEvents])] };
}

/** One of these sessions. */
export function amongCondition(ids: readonly string[]): Condition {
  return { sql: "id = ANY(?::uuid[])", values: [ids] };
}

/** The condition that a session is touched: `own` on its own columns, or `event` on one of its events. */
export function touchedCondition(touched: Touched, own: Condition, event: Condition): Condition {
  if ("ids" in touched) return amongCondition(touched.ids);
  const byEvent =
    touched.ofEvents === "too many"
      ? // A value, not EXISTS, which the planner may turn into reading all events at once.
        {
          sql: `(SELECT true FROM ${EVENTS} AND session_id = sessions.id AND ${event.sql} LIMIT 1)`,
          values: event.values,
        }
      : amongCondition(touched.ofEvents);
  return { sql: `((${own.sql}) IS TRUE OR ${byEvent.sql})`, values: [...own.values, ...byEvent.values] };
}

/** A statement without a name: it is planned with its values. */
function numbered(sql: string, { values }: Condition, limit: number): { statement: Statement; values: unknown[] } {
  let at = 0;
  const text = sql.replaceAll("?", () => `$${++at}`);
  return { statement: { name: "", text }, values: [...values, limit] };
}
