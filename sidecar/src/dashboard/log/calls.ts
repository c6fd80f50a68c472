import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { call, EVERYBODY } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { TimelineEvent, TimelinePage } from "../contract/sessions.ts";
import { createEventStore, type EventRow } from "../events/store.ts";
import { eventPage, eventPosition, timelineEvent } from "../events/timeline-event.ts";
import type { Exports, FileDownload } from "../export.ts";
import { cursor, format, storedText, time } from "../fields.ts";
import type { SearchContext } from "../search-context.ts";
import { addressOf, logSentence } from "../sentences/log-sentence.ts";

export interface LogContext extends SearchContext {
  audit: AuditLog;
  exports: Exports;
}

const PAGE_SIZE = 100;

const FILTER = {
  /** A username in any case, `operator` (the command line) or `system` (the sidecar). */
  actor: storedText(160).optional(),
  event: storedText(64).optional(),
  from: time.optional(),
  to: time.optional(),
};

/**
 * Everything done in the dashboard, on the command line and to the configuration, with the values before and after. It
 * reads the audit trail, which cannot be changed from here.
 */
export const LOG_CALLS = {
  /**
   * Newest first. Before and after are in `details.before` and `details.after`, the object of the action in
   * `details.target`.
   */
  "log/list": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ ...FILTER, cursor: cursor.optional() }),
    async handler({ cursor, ...filter }, _caller, { audit, boundedDb }: LogContext): Promise<TimelinePage> {
      await audit.flush();
      const rows = await createEventStore(boundedDb).log(filter, eventPosition(cursor), PAGE_SIZE + 1);
      return eventPage(rows, PAGE_SIZE);
    },
  }),

  "log/export": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ ...FILTER, format }),
    async handler({ format, ...filter }, caller, { audit, boundedDb, exports }: LogContext): Promise<FileDownload> {
      const store = createEventStore(boundedDb);
      await audit.write({ event: "LogExported", ...traceOf(caller), details: { target: filter, format } });
      return exports.file(caller.login.userId, {
        name: "dashboard-log",
        format,
        columns: COLUMNS,
        read: (after: EventRow | undefined, limit) => store.log(filter, after, limit),
        show: (rows) => rows.map(timelineEvent),
      });
    },
  }),
};

const COLUMNS: readonly [string, (event: TimelineEvent) => string | number | null][] = [
  ["time", (event) => new Date(event.time * 1000).toISOString()],
  ["event", (event) => event.event],
  ["actor", (event) => event.actor],
  ["sentence", logSentence],
  ["session_id", (event) => event.sessionId],
  ["user_id", (event) => event.userId],
  ["ip_address", addressOf],
  ["reason", (event) => event.reason],
  ["details", (event) => (event.details === null ? null : JSON.stringify(event.details))],
];
