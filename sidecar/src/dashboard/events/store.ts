import { EVENTS_OF_USER } from "../../engine/audit/store.ts";
import type { Queryable, Statement } from "../../engine/db/database.ts";
import { actorOf } from "../caller.ts";

/** A row of the audit trail. The dashboard reads rows and never changes them. */
export interface EventRow {
  id: string;
  /** To the microsecond, for the cursor. */
  timeText: string;
  /** Milliseconds since 1970. */
  time: number;
  event: string;
  sessionId: string | null;
  userId: string | null;
  tags: string[] | null;
  ipAddress: string | null;
  userAgent: string | null;
  actor: string | null;
  reason: string | null;
  details: Record<string, unknown> | null;
  count: number;
}

export interface EventPosition {
  timeText: string;
  id: string;
}

export interface LogFilter {
  actor?: string | undefined;
  event?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

const EXACT = `to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
export const EVENT_COLUMNS = `id::text AS id, ${EXACT} AS "timeText", (date_part('epoch', time) * 1000) AS time, event,
  session_id AS "sessionId", user_id AS "userId", tags, ip_address AS "ipAddress", user_agent AS "userAgent", actor, reason,
  details, count`;
// The columns: a plain `time` or `id` would mean what is selected under that name, which no index has.
const ORDER = "ORDER BY audit_events.time DESC, audit_events.id DESC LIMIT";

// Before this position there is no event, so the first page needs no statement of its own.
const LAST_POSITION: EventPosition = { timeText: "infinity", id: "0" };
/** Routine events explain nothing by themselves, and a long session has thousands. */
const OF = `(time, id) < ($2::timestamptz, $3::bigint)
    AND ($5 OR event NOT IN ('RotationStarted', 'RotationConfirmed')) ${ORDER} $4`;
const OF_SESSION: Statement = {
  name: "dashboard-events-of-session",
  text: `SELECT ${EVENT_COLUMNS} FROM byo.audit_events WHERE session_id = $1 AND ${OF}`,
};
const OF_USER: Statement = {
  name: "dashboard-events-of-user",
  text: `SELECT ${EVENT_COLUMNS} FROM byo.audit_events WHERE ${EVENTS_OF_USER} AND ${OF}`,
};
const OF_USER_BETWEEN: Statement = {
  name: "dashboard-events-of-user-between",
  text: `SELECT ${EVENT_COLUMNS} FROM byo.audit_events
    WHERE ${EVENTS_OF_USER} AND time >= to_timestamp($2::float8) AND time < to_timestamp($3::float8)
      AND event NOT IN ('RotationStarted', 'RotationConfirmed') ${ORDER} $4`,
};
// Must equal the index's condition word for word: otherwise Postgres does not use the index.
const IN_LOG = `(actor LIKE 'dashboard:%' OR (session_id IS NULL AND user_id IS NULL)) AND NOT coalesce(details ? 'bulk', false)`;

function logStatement({ actor, event, from, to }: LogFilter, after: EventPosition | undefined, limit: number) {
  const values: unknown[] = [];
  const where = [IN_LOG];
  const add = (condition: string, ...given: unknown[]) => {
    where.push(given.reduce<string>((text, value) => text.replace("?", `$${values.push(value)}`), condition));
  };
  if (after) add("(time, id) < (?::timestamptz, ?::bigint)", after.timeText, after.id);
  if (actor !== undefined) add("lower(actor) IN (lower(?), lower(?))", actor, actorOf({ username: actor }));
  if (event !== undefined) add("event = ?", event);
  if (from !== undefined) add("time >= to_timestamp(?::float8)", from);
  if (to !== undefined) add("time < to_timestamp(?::float8)", to);
  const limitAt = `$${values.push(limit)}`;
  const statement = {
    name: "",
    text: `SELECT ${EVENT_COLUMNS} FROM byo.audit_events WHERE ${where.join(" AND ")} ${ORDER} ${limitAt}`,
  };
  return { statement, values };
}

export interface TimelinePosition {
  after: EventPosition | undefined;
  limit: number;
  /** Whether rotations of the token are wanted too. */
  hasRoutine: boolean;
}

export interface EventStore {
  /** The newest first. */
  ofSession(id: string, page: TimelinePosition): Promise<EventRow[]>;
  ofUser(userId: string, page: TimelinePosition): Promise<EventRow[]>;
  /** Without routine ones; times in Unix seconds. */
  ofUserBetween(userId: string, from: number, to: number, limit: number): Promise<EventRow[]>;
  /** What people did, and changes of the configuration. */
  log(filter: LogFilter, after: EventPosition | undefined, limit: number): Promise<EventRow[]>;
}

export function createEventStore(db: Queryable): EventStore {
  const page = (statement: Statement, key: string, { after = LAST_POSITION, limit, hasRoutine }: TimelinePosition) =>
    db.query<EventRow>(statement, [key, after.timeText, after.id, limit, hasRoutine]);
  return {
    ofSession: (id, position) => page(OF_SESSION, id, position),
    ofUser: (userId, position) => page(OF_USER, userId, position),
    ofUserBetween: (...values) => db.query<EventRow>(OF_USER_BETWEEN, values),
    log(filter, after, limit) {
      const { statement, values } = logStatement(filter, after, limit);
      return db.query<EventRow>(statement, values);
    },
  };
}
