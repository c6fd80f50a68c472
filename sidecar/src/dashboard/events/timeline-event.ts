import { describeDevice } from "../../engine/policy/user-agent.ts";
import type { SessionDevice, TimelineEvent } from "../contract/sessions.ts";
import { EXACT_TIME, formatCursor, NUMBER, parseCursor } from "../cursor.ts";
import type { EventPosition, EventRow } from "./store.ts";

/** The keys of details that hold a user agent. */
const USER_AGENTS = /^(sessionUserAgent|rotatedByUserAgent)$/;

export function timelineEvent({ timeText: _, ...stored }: EventRow): TimelineEvent {
  const row = withEnded(stored);
  const details = Object.entries(row.details ?? {});
  const devices = details.flatMap(([key, value]): [string, SessionDevice][] =>
    USER_AGENTS.test(key) && typeof value === "string" ? [[key, describeDevice(value)]] : [],
  );
  return {
    ...row,
    time: Math.floor(row.time / 1000),
    tags: row.tags ?? [],
    device: row.userAgent === null ? null : describeDevice(row.userAgent),
    detailDevices: Object.fromEntries(devices),
  };
}

export function eventPage(rows: readonly EventRow[], limit: number): { items: TimelineEvent[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last ? formatCursor(last.timeText, last.id) : null;
  return { items: items.map(timelineEvent), next };
}

export function eventPosition(cursor: string | undefined): EventPosition | undefined {
  const [timeText, id] = parseCursor(cursor, [EXACT_TIME, NUMBER]) ?? [];
  return timeText !== undefined && id !== undefined ? { timeText, id } : undefined;
}

/** The batches of one action share an event, which counts the sessions. */
function withEnded<R extends Pick<EventRow, "event" | "details" | "count">>(row: R): R {
  if (row.event !== "SessionsEnded" || row.details?.ended !== undefined) return row;
  return { ...row, details: { ...row.details, ended: row.count }, count: 1 };
}
