import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import { applyLatestUse } from "../../engine/sessions/read/latest-use.ts";
import { seconds } from "../../engine/sessions/session.ts";
import { call, EVERYBODY } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { BoundedCount, SessionDetail, SessionPage, SessionSummary, TimelinePage } from "../contract/sessions.ts";
import { EXACT_TIME, formatCursor, parseCursor, UUID } from "../cursor.ts";
import { hasOneSubject, NOT_ONE_SUBJECT, SUBJECT } from "../events/calls.ts";
import { withSessions } from "../events/sessions-of-events-store.ts";
import { createEventStore } from "../events/store.ts";
import { eventPage, eventPosition } from "../events/timeline-event.ts";
import type { Exports, FileDownload } from "../export.ts";
import { cursor, format, fromQuery, number, sessionId, yesOrNoInQuery } from "../fields.ts";
import type { SharedCounts } from "../overview/shared-counts.ts";
import { notFound } from "../refusal.ts";
import { livingIn } from "../search-context.ts";
import { countSessions } from "./count.ts";
import { parseFilter } from "./filter.ts";
import { FILTER, sessionFilter } from "./filter-input.ts";
import { readFlags } from "./flags-store.ts";
import { type PolicyAtContext, policyShown } from "./policy-at-end.ts";
import { createSearchStore, type ListedRow, type SeenRow } from "./store.ts";
import { summaryOf } from "./summary.ts";

export interface SessionContext extends PolicyAtContext {
  audit: AuditLog;
  activity: Pick<ActivityWriter, "latest" | "settle" | "hasNoted">;
  sharedCounts: Pick<SharedCounts, "active">;
  exports: Exports;
}

const PAGE_SIZE = 50;
const EVENTS_PAGE_SIZE = 100;

/** Searches sessions and shows the details of one. */
export const SESSION_CALLS = {
  /** Newest login first. */
  "sessions/list": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ ...FILTER, cursor: cursor.optional(), limit: fromQuery(number(100, 1)).optional() }),
    async handler({ cursor, limit = PAGE_SIZE, ...input }, _caller, context: SessionContext): Promise<SessionPage> {
      const { boundedDb } = context;
      const filter = parseFilter(input);
      const [createdText, id] = parseCursor(cursor, [EXACT_TIME, UUID]) ?? [];
      const after = createdText !== undefined && id !== undefined ? { createdText, id } : undefined;
      const living = await livingIn(context);
      const rows = await createSearchStore(boundedDb).page(filter, living, after, limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = rows.length > limit && last ? formatCursor(last.createdText, last.id) : null;
      return { items: await summaries(page, context), next };
    },
  }),

  "sessions/count": call({
    method: "GET",
    access: EVERYBODY,
    input: sessionFilter,
    async handler({ state, ...filter }, _caller, context: SessionContext): Promise<BoundedCount> {
      const counted = await countSessions(parseFilter({ state, ...filter }), context);
      // All active sessions are counted for the overview anyway, and both pages must say the same.
      const isOfOverview = counted.isCapped && state === "active" && Object.keys(filter).length === 0;
      return isOfOverview ? { count: await context.sharedCounts.active(), isCapped: false } : counted;
    },
  }),

  "sessions/detail": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ sessionId }),
    async handler({ sessionId }, _caller, context: SessionContext): Promise<SessionDetail> {
      const store = createSearchStore(context.boundedDb);
      const [row, seen] = await Promise.all([store.detail(sessionId), store.addresses(sessionId)]);
      const [summary] = row ? await summaries([row], context) : [];
      if (!row || !summary) {
        throw notFound("No session has this id. Ended sessions are deleted after the retention time.");
      }
      const endedAt = summary.endedAt === null ? null : (row.endedAt ?? summary.endedAt * 1000);
      return {
        ...summary,
        metadata: row.metadata,
        userAgent: row.userAgent,
        deviceThumbprint: row.deviceThumbprint,
        rotations: row.gen - 1,
        lastRotationAt: row.gen > 1 ? seconds(row.since) : null,
        ipAddresses: addressesOf(row, seen),
        ...(await policyShown(row, endedAt, context)),
      };
    },
  }),

  /** Of one session or of a user, newest first. Rotations of the token are left out unless `routine` is true. */
  "sessions/timeline": call({
    method: "GET",
    access: EVERYBODY,
    input: z
      .strictObject({
        ...SUBJECT,
        routine: yesOrNoInQuery.optional(),
        cursor: cursor.optional(),
      })
      .refine(hasOneSubject, NOT_ONE_SUBJECT),
    async handler(input, _caller, { audit, boundedDb }: SessionContext): Promise<TimelinePage> {
      // Refusals of the last second may not be written yet, but this reader must see them.
      await audit.flush();
      const events = createEventStore(boundedDb);
      const after = eventPosition(input.cursor);
      const page = { after, limit: EVENTS_PAGE_SIZE + 1, hasRoutine: input.routine ?? false };
      const rows =
        input.sessionId !== undefined
          ? await events.ofSession(input.sessionId, page)
          : await events.ofUser(input.userId ?? "", page);
      const { items, next } = eventPage(rows, EVENTS_PAGE_SIZE);
      return { items: input.userId === undefined ? items : await withSessions(boundedDb, items), next };
    },
  }),

  "sessions/export": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ ...FILTER, format }),
    async handler({ format, ...input }, caller, context: SessionContext): Promise<FileDownload> {
      const { audit, boundedDb, exports } = context;
      const filter = parseFilter(input);
      const store = createSearchStore(boundedDb);
      await audit.write({ event: "SessionsExported", ...traceOf(caller), details: { target: input, format } });
      return exports.file(caller.login.userId, {
        name: "sessions",
        format,
        columns: COLUMNS,
        read: async (after: ListedRow | undefined, limit) => store.page(filter, await livingIn(context), after, limit),
        show: (rows) => summaries(rows, context),
      });
    },
  }),
};

/** What the list shows of these rows. */
export async function summaries(rows: readonly ListedRow[], context: SessionContext): Promise<SessionSummary[]> {
  const { activity, policies, history, boundedDb, audit } = context;
  // What was noted in the last second may not be written yet, but this reader must see it.
  await audit.flush();
  const flags = await readFlags(
    boundedDb,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => {
    const policy = policies.current().policyFor(row.tags);
    return summaryOf(applyLatestUse({ ...row }, activity), { policy, history, flags: flags.get(row.id) ?? [] });
  });
}

/** The addresses of the login, of uses and of events, the latest first. */
function addressesOf(row: ListedRow, seen: readonly SeenRow[]): SessionDetail["ipAddresses"] {
  const own = [
    { ipAddress: row.lastIpAddress, firstSeenAt: row.createdAt, lastSeenAt: row.lastActivityAt },
    { ipAddress: row.ipAddress, firstSeenAt: row.createdAt, lastSeenAt: row.createdAt },
  ];
  const known = new Set<string>(seen.map(({ ipAddress }) => ipAddress));
  const all = [...seen];
  for (const { ipAddress, ...times } of own) {
    if (ipAddress === null || known.has(ipAddress)) continue;
    known.add(ipAddress);
    all.push({ ipAddress, ...times });
  }
  return all
    .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
    .map(({ ipAddress, firstSeenAt, lastSeenAt }) => ({
      ipAddress,
      firstSeenAt: seconds(firstSeenAt),
      lastSeenAt: seconds(lastSeenAt),
    }));
}

const COLUMNS: readonly [string, (session: SessionSummary) => string | number | boolean | null][] = [
  ["session_id", (session) => session.sessionId],
  ["user_id", (session) => session.userId],
  ["created_at", (session) => isoTime(session.createdAt)],
  ["last_activity_at", (session) => isoTime(session.lastActivityAt)],
  ["expires_at", (session) => isoTime(session.expiresAt)],
  ["device", (session) => session.device.displayName],
  ["device_type", (session) => session.device.deviceType],
  ["device_bound", (session) => session.isBound],
  ["ip_address", (session) => session.ipAddress],
  ["last_ip_address", (session) => session.lastIpAddress],
  ["tags", (session) => session.tags.join(" ")],
  ["ended_at", (session) => (session.endedAt === null ? null : isoTime(session.endedAt))],
  ["end_reason", (session) => session.endReason],
  ["flags", (session) => session.flags.join(" ")],
];

function isoTime(secs: number): string {
  return new Date(secs * 1000).toISOString();
}
