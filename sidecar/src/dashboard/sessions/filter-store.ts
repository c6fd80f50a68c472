import type { EndReason } from "@byo-session/core/contract";
import { NOW } from "../../engine/db/time.ts";
import { END_VALUES, endByTimeSql, type LivingValues } from "../../engine/sessions/living/store.ts";
import type { SESSION_EVENTS } from "../contract/sessions.ts";
import type { SessionFilter } from "./filter-input.ts";

/** The conditions of a filter and their values. The SQL text is fixed: what people type is passed as values. */
export interface Conditions {
  readonly sql: readonly string[];
  readonly values: readonly unknown[];
}

/** The first and the last address of a network. */
export interface AddressRange {
  first: string;
  last: string;
}

/** The sessions of a network: listed by id if they are few, otherwise a condition on each session. */
export type AtAddresses = { ids: readonly string[] } | AddressRange;

export interface ParsedFilter extends Omit<SessionFilter, "ip"> {
  addresses?: AddressRange | undefined;
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
};

/** Where the values of the policies begin, in a statement that needs them. */
export const LIVING_AT = 1;

/** Makes the conditions of a filter. For each condition alone the migrations have an index. */
export function conditionsOf(filter: ParsedFilter, at: AtAddresses | undefined, living: LivingValues): Conditions {
  const sql: string[] = [];
  // These come first, so that their positions are known. Postgres refuses values that nothing refers to.
  const values: unknown[] =
    filter.state === "active" ? [...living] : filter.activeAt === undefined ? [] : living.slice(0, END_VALUES);
  /** Adds a condition; each `?` in it stands for the value. */
  const add = (condition: string, ...given: unknown[]) => {
    let text = condition;
    for (const value of given) {
      values.push(value);
      text = text.replace("?", `$${values.length}`);
    }
    sql.push(text);
  };

  if (filter.isImpossible) add("false");
  if (filter.userId !== undefined) add("user_id = ?", filter.userId);
  if (filter.tag !== undefined && filter.tag.length > 0) add("tags @> ?::text[]", filter.tag);
  if (at && "ids" in at) add("id = ANY(?::uuid[])", at.ids);
  if (at && "first" in at) {
    // IS TRUE keeps the planner from using the index of addresses: many sessions match, so reading the newest ones in
    // order is faster.
    add(
      `((ip_address::inet BETWEEN ?::inet AND ?::inet) IS TRUE OR (last_ip_address::inet BETWEEN ?::inet AND ?::inet) IS TRUE)`,
      ...[at.first, at.last, at.first, at.last],
    );
  }
  if (filter.createdFrom !== undefined) add(`created_at >= ${secs("?")}`, filter.createdFrom);
  if (filter.createdTo !== undefined) add(`created_at < ${secs("?")}`, filter.createdTo);
  if (filter.endedFrom !== undefined) add(`ended_at >= ${secs("?")}`, filter.endedFrom);
  if (filter.endedTo !== undefined) add(`ended_at < ${secs("?")}`, filter.endedTo);
  if (filter.browser !== undefined) add("device_browser = ?", filter.browser);
  if (filter.os !== undefined) add("device_os = ?", filter.os);
  if (filter.deviceType !== undefined) add("device_type = ?", filter.deviceType);
  if (filter.bound !== undefined) add(`device_thumbprint IS ${filter.bound ? "NOT " : ""}NULL`);
  if (filter.endReason !== undefined) add("end_reason = ?", filter.endReason);
  if (filter.activeAt !== undefined) {
    add(
      `created_at <= ${secs("?")} AND coalesce(ended_at, ${endByTimeSql(LIVING_AT)}) > ${secs("?")}`,
      filter.activeAt,
      filter.activeAt,
    );
  }
  if (filter.event !== undefined) {
    const { eventFrom, eventTo } = filter;
    const times = eventFrom === undefined ? [] : [eventFrom, eventTo];
    const during =
      eventFrom === undefined ? `time >= ${NOW} - interval '1 day'` : `time >= ${secs("?")} AND time < ${secs("?")}`;
    add(`id IN (SELECT session_id FROM byo.audit_events WHERE ${HAPPENED[filter.event]} AND ${during})`, ...times);
  }
  return { sql, values };
}
