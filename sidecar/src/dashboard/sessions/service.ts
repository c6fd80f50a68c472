import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import type { LivePolicies } from "../../engine/policy/live-policies.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import { livingValues } from "../../engine/sessions/living/living.ts";
import { applyLatestUse } from "../../engine/sessions/read/latest-use.ts";
import { seconds } from "../../engine/sessions/session.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { SessionDetail, SessionSummary } from "../contract/sessions.ts";
import { EXACT_TIME, formatCursor, parseCursor, UUID } from "../cursor.ts";
import { createEventStore } from "../events/store.ts";
import { eventPage, eventPosition } from "../events/timeline-event.ts";
import type { Exports } from "../export.ts";
import type { Handlers } from "../handlers.ts";
import { explainPolicy } from "../policies/explain.ts";
import { notFound } from "../refusal.ts";
import { parseFilter } from "./filter.ts";
import { createSearchStore, type DetailRow, type ListedRow } from "./store.ts";
import { summaryOf } from "./summary.ts";

interface SessionsDependencies {
  db: Database;
  audit: AuditLog;
  activity: Pick<ActivityWriter, "latest" | "settle" | "hasNoted">;
  policies: LivePolicies;
  /** The configuration file of this replica. */
  file: () => SessionConfig;
  exports: Exports;
}

type SessionCalls = Omit<Handlers<"sessions">, "sessions/end-one" | "sessions/end-many" | "sessions/end-count">;

const PAGE_SIZE = 50;
const EVENTS_PAGE_SIZE = 100;
/** Counting stops here: a person needs to know "many", not exactly how many. */
const MAX_COUNTED = 10_000;

/** Searches sessions and shows the details of one. */
export function createSessionCalls(deps: SessionsDependencies): SessionCalls {
  const { db, audit, activity, policies, file, exports } = deps;
  const store = createSearchStore(db);
  const events = createEventStore(db);

  function summary(row: ListedRow): SessionSummary {
    return summaryOf(applyLatestUse({ ...row }, activity), policies.current().policyFor(row.tags));
  }
  const living = () => livingValues(db, deps);

  function detailOf(row: DetailRow): Omit<SessionDetail, "ipAddresses"> {
    return {
      ...summary(row),
      metadata: row.metadata,
      userAgent: row.userAgent,
      deviceThumbprint: row.deviceThumbprint,
      rotations: row.gen - 1,
      lastRotationAt: row.gen > 1 ? seconds(row.since) : null,
      policy: explainPolicy(policies.config(), file(), row.tags),
    };
  }

  return {
    async "sessions/list"({ cursor, limit = PAGE_SIZE, ...input }) {
      const filter = parseFilter(input);
      const [createdText, id] = parseCursor(cursor, [EXACT_TIME, UUID]) ?? [];
      const after = createdText !== undefined && id !== undefined ? { createdText, id } : undefined;
      const rows = await store.page(filter, await living(), after, limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = rows.length > limit && last ? formatCursor(last.createdText, last.id) : null;
      return { items: page.map(summary), next };
    },

    async "sessions/count"(input) {
      const count = await store.count(parseFilter(input), await living(), MAX_COUNTED + 1);
      return { count: Math.min(count, MAX_COUNTED), isCapped: count > MAX_COUNTED };
    },

    async "sessions/detail"({ sessionId }) {
      const [row, seen] = await Promise.all([store.detail(sessionId), store.addresses(sessionId)]);
      if (!row) throw notFound("No session has this id. Ended sessions are deleted after the retention time.");
      const detail = detailOf(row);
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
      const ipAddresses = all
        .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
        .map(({ ipAddress, firstSeenAt, lastSeenAt }) => ({
          ipAddress,
          firstSeenAt: seconds(firstSeenAt),
          lastSeenAt: seconds(lastSeenAt),
        }));
      return { ...detail, ipAddresses };
    },

    async "sessions/timeline"({ sessionId, userId, cursor }) {
      // Refusals of the last second may not be written yet, but this reader must see them.
      await audit.flush();
      const after = eventPosition(cursor);
      const rows =
        sessionId !== undefined
          ? await events.ofSession(sessionId, after, EVENTS_PAGE_SIZE + 1)
          : await events.ofUser(userId ?? "", after, EVENTS_PAGE_SIZE + 1);
      return eventPage(rows, EVENTS_PAGE_SIZE);
    },

    async "sessions/export"({ format, ...input }, caller: KnownCaller) {
      const filter = parseFilter(input);
      await audit.write({ event: "SessionsExported", ...traceOf(caller), details: { target: input, format } });
      return exports.file(caller.login.userId, {
        name: "sessions",
        format,
        columns: COLUMNS,
        read: async (after: ListedRow | undefined, limit) => store.page(filter, await living(), after, limit),
        show: (rows) => rows.map(summary),
      });
    },
  };
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
];

function isoTime(secs: number): string {
  return new Date(secs * 1000).toISOString();
}
