import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { call, EVERYBODY } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { TimelineEvent } from "../contract/sessions.ts";
import type { Exports, FileDownload } from "../export.ts";
import { format, sessionId, userId, yesOrNoInQuery } from "../fields.ts";
import type { SearchContext } from "../search-context.ts";
import { addressOf } from "../sentences/log-sentence.ts";
import { sentenceOf } from "../sentences/sentence.ts";
import { createEventStore, type EventRow } from "./store.ts";
import { timelineEvent } from "./timeline-event.ts";

export interface EventContext extends SearchContext {
  audit: AuditLog;
  exports: Exports;
}

/** Whose events: exactly one of the two. */
export const SUBJECT = { sessionId: sessionId.optional(), userId: userId.optional() };
export const hasOneSubject = (input: { sessionId?: string | undefined; userId?: string | undefined }) =>
  (input.sessionId === undefined) !== (input.userId === undefined);
export const NOT_ONE_SUBJECT = { error: "expected a sessionId or a userId, not both" };

export const EVENT_CALLS = {
  /** The whole timeline of one session or of a user as a file. `routine`: with rotations of the token. */
  "timeline/export": call({
    method: "GET",
    access: EVERYBODY,
    input: z
      .strictObject({ ...SUBJECT, routine: yesOrNoInQuery.optional(), format })
      .refine(hasOneSubject, NOT_ONE_SUBJECT),
    async handler({ format, ...input }, caller, { audit, boundedDb, exports }: EventContext): Promise<FileDownload> {
      const store = createEventStore(boundedDb);
      await audit.write({ event: "TimelineExported", ...traceOf(caller), details: { target: input, format } });
      return exports.file(caller.login.userId, {
        name: "timeline",
        format,
        columns: COLUMNS,
        read: (after: EventRow | undefined, limit) => {
          const page = { after, limit, hasRoutine: input.routine ?? false };
          return input.sessionId === undefined
            ? store.ofUser(input.userId ?? "", page)
            : store.ofSession(input.sessionId, page);
        },
        show: (rows) => rows.map(timelineEvent),
      });
    },
  }),
};

const COLUMNS: readonly [string, (event: TimelineEvent) => string | number | null][] = [
  ["time", (event) => new Date(event.time * 1000).toISOString()],
  ["event", (event) => event.event],
  ["sentence", sentenceOf],
  ["session_id", (event) => event.sessionId],
  ["user_id", (event) => event.userId],
  ["ip_address", addressOf],
  ["device", (event) => event.device?.displayName ?? null],
  ["user_agent", (event) => event.userAgent],
  ["actor", (event) => event.actor],
  ["reason", (event) => event.reason],
  ["count", (event) => event.count],
  ["tags", (event) => event.tags.join(" ")],
  ["details", (event) => (event.details === null ? null : JSON.stringify(event.details))],
];
