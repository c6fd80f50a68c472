import type { EndReason } from "@byo-session/core/contract";
import { NOW } from "../../engine/db/time.ts";
import { END_VALUES, endByTimeSql, type LivingValues, lapseReasonSql } from "../../engine/sessions/living/store.ts";
import type { SESSION_EVENTS } from "../contract/sessions.ts";
import { ANY_FLAG, FLAGGED } from "../flags/store.ts";
import type { SessionFilter } from "./filter-input.ts";
import {
  type AddressRange,
  addressEventCondition,
  amongCondition,
  type Condition,
  type DeviceFilter,
  deviceCondition,
  deviceEventCondition,
  type Touched,
  touchedCondition,
} from "./touched-store.ts";

/** The conditions of a filter and their values. The SQL text is fixed: what people type is passed as values. */
export interface Conditions {
  readonly sql: readonly string[];
  /** More for sessions that are marked as ended. */
  readonly marked: readonly string[];
  /** More for sessions that have ended by time and are not marked yet. Undefined: none of them can match. */
  readonly lapsed: readonly string[] | undefined;
  readonly values: readonly unknown[];
  /** They name the sessions, so that no index but that of the ids is needed. */
  readonly isAmong: boolean;
}

export interface ParsedFilter extends Omit<SessionFilter, "ip"> {
  addresses?: AddressRange | undefined;
  /** Only these sessions. */
  ids?: readonly string[];
  endReason?: EndReason;
  /** A filter that cannot match, such as active sessions with an end reason: searching for them would take long. */
  isImpossible?: boolean;
}

const secs = (at: string) => `to_timestamp(${at}::float8)`;

const REFUSED = "event IN ('SessionRefused', 'DeviceProofMissing')";
const CHALLENGES = "reason IN ('DeviceVerificationRequired', 'NewDeviceChallengeRequired')";
const HAPPENED: Readonly<Record<(typeof SESSION_EVENTS)[number], string>> = {
  refused: REFUSED,
  challenged: `${REFUSED} AND ${CHALLENGES}`,
  rotated: "event = 'RotationConfirmed'",
  newDevice: `details @> '{"newDeviceDetected": true}'`,
  ...FLAGGED,
};

/** Where the values of the policies begin, in a statement that needs them. */
export const LIVING_AT = 1;

/** A shorter lifetime that came later does not change when the session was last used. */
const LAPSED_AT = `greatest(last_activity_at, ${endByTimeSql(LIVING_AT)})`;

/** The sessions that a filter's parts touched, as they were found before the search. */
export interface TouchedByPart {
  /** The sessions that the filter's addresses touched. */
  fromAddresses?: Touched | undefined;
  /** The sessions that the filter's kind of device touched. */
  byDevice?: Touched | undefined;
  /** The sessions with the filter's event. */
  withEvent?: Touched | undefined;
  /** The sessions with the filter's flag. */
  flagged?: Touched | undefined;
}

/** What was found out about a filter before the search. */
export interface Findings extends TouchedByPart {
  living: LivingValues;
}

/** Whether sessions that have ended by time and are not marked yet can match. */
function mayHaveLapsed({ state, endReason }: ParsedFilter): boolean {
  return state === "ended" && (endReason === undefined || endReason === "Expired" || endReason === "Inactive");
}

/** Makes the conditions of a filter. For each condition alone the migrations have an index. */
export function conditionsOf(
  filter: ParsedFilter,
  { fromAddresses, byDevice, withEvent, flagged, living }: Findings,
): Conditions {
  const sql: string[] = [];
  // These come first, so that their positions are known. Postgres refuses values that nothing refers to.
  const values: unknown[] =
    filter.state === "active" || mayHaveLapsed(filter)
      ? [...living]
      : filter.activeAt === undefined
        ? []
        : living.slice(0, END_VALUES);
  const bound = (condition: Condition) => {
    let text = condition.sql;
    for (const value of condition.values) {
      values.push(value);
      text = text.replace("?", `$${values.length}`);
    }
    return text;
  };
  /** Adds a condition; each `?` in it stands for the value. */
  const add = (condition: string, ...given: unknown[]) => void sql.push(bound({ sql: condition, values: given }));

  const { addresses } = filter;
  if (filter.isImpossible) add("false");
  if (filter.ids) sql.push(bound(amongCondition(filter.ids)));
  if (filter.userId !== undefined) add("user_id = ?", filter.userId);
  if (filter.tag !== undefined && filter.tag.length > 0) add("tags @> ?::text[]", filter.tag);
  if (addresses && fromAddresses) {
    sql.push(bound(touchedCondition(fromAddresses, atAddresses(addresses), addressEventCondition(addresses))));
  }
  if (filter.createdFrom !== undefined) add(`created_at >= ${secs("?")}`, filter.createdFrom);
  if (filter.createdTo !== undefined) add(`created_at < ${secs("?")}`, filter.createdTo);
  if (byDevice) {
    sql.push(bound(touchedCondition(byDevice, deviceCondition(filter), deviceEventCondition(filter))));
  }
  if (filter.bound !== undefined) add(`device_thumbprint IS ${filter.bound ? "NOT " : ""}NULL`);
  if (filter.deviceKey !== undefined) add('device_thumbprint COLLATE "C" = ?', filter.deviceKey);
  if (filter.flag !== undefined && flagged)
    sql.push(bound(touchedCondition(flagged, NEVER, flagCondition(filter.flag))));
  if (filter.activeAt !== undefined) {
    add(
      `created_at <= ${secs("?")} AND coalesce(ended_at, ${LAPSED_AT}) > ${secs("?")}`,
      filter.activeAt,
      filter.activeAt,
    );
  }
  if (filter.event !== undefined && withEvent) {
    sql.push(bound(touchedCondition(withEvent, NEVER, happenedCondition(filter, filter.event))));
  }
  const ends = filter.state === "ended" ? endConditionsOf(filter, { at: "ended_at", reason: "end_reason" }) : [];
  const marked = ends.map(bound);
  const lapsed = mayHaveLapsed(filter)
    ? endConditionsOf(filter, { at: LAPSED_AT, reason: lapseReasonSql(LIVING_AT) }).map(bound)
    : undefined;
  const isAmong = [fromAddresses, byDevice, withEvent, flagged].some((part) => part !== undefined && "ids" in part);
  return { sql, marked, lapsed, values, isAmong: isAmong || filter.ids !== undefined };
}

/** The conditions on the end of a session; `at` and `reason` are its time and reason. */
function endConditionsOf(
  { endedFrom, endedTo, endReason }: ParsedFilter,
  { at, reason }: { at: string; reason: string },
): Condition[] {
  return [
    ...(endedFrom === undefined ? [] : [{ sql: `${at} >= ${secs("?")}`, values: [endedFrom] }]),
    ...(endedTo === undefined ? [] : [{ sql: `${at} < ${secs("?")}`, values: [endedTo] }]),
    ...(endReason === undefined ? [] : [{ sql: `${reason} = ?`, values: [endReason] }]),
  ];
}

function atAddresses({ first, last }: AddressRange): Condition {
  // IS TRUE keeps the planner from using the index of addresses: many sessions match, so reading the newest ones in
  // order is faster.
  return {
    sql: `(ip_address::inet BETWEEN ?::inet AND ?::inet) IS TRUE OR (last_ip_address::inet BETWEEN ?::inet AND ?::inet) IS TRUE`,
    values: [first, last, first, last],
  };
}

/** Filters of addresses and devices narrow the event itself: "refused" and an address is "refused from there". */
export function happenedCondition(filter: ParsedFilter, event: NonNullable<ParsedFilter["event"]>): Condition {
  const { eventFrom, eventTo, addresses } = filter;
  const isTimed = eventFrom !== undefined;
  const during = isTimed ? `time >= ${secs("?")} AND time < ${secs("?")}` : `time >= ${NOW} - interval '1 day'`;
  const more = [
    ...(addresses ? [addressEventCondition(addresses)] : []),
    ...(hasDevice(filter) ? [deviceCondition(filter)] : []),
  ];
  const conditions = [HAPPENED[event], during, ...more.map(({ sql }) => sql)];
  return {
    sql: conditions.join(" AND "),
    values: [...(isTimed ? [eventFrom, eventTo] : []), ...more.flatMap(({ values }) => values)],
  };
}

/** True for the events of a flag. */
export function flagCondition(flag: NonNullable<ParsedFilter["flag"]>): Condition {
  return { sql: flag === "any" ? ANY_FLAG : FLAGGED[flag], values: [] };
}

/** Its own columns say nothing of what happened to a session. */
const NEVER: Condition = { sql: "false", values: [] };

export function hasDevice({ browser, os, deviceType }: DeviceFilter): boolean {
  return browser !== undefined || os !== undefined || deviceType !== undefined;
}
