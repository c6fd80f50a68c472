import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { TimelineEvent } from "../contract/sessions.ts";
import { createEventStore, type EventRow } from "../events/store.ts";
import { eventPage, eventPosition, timelineEvent } from "../events/timeline-event.ts";
import type { Exports } from "../export.ts";
import type { Handlers } from "../handlers.ts";
import { sentenceOf } from "../sentences/sentence.ts";

const PAGE_SIZE = 100;

interface LogDependencies {
  db: Database;
  audit: AuditLog;
  exports: Exports;
}

/** Who did what, with the values before and after. It reads the audit trail, which cannot be changed from here. */
export function createLogCalls({ db, audit, exports }: LogDependencies): Handlers<"log"> {
  const store = createEventStore(db);

  return {
    async "log/list"({ cursor, ...filter }) {
      await audit.flush();
      return eventPage(await store.log(filter, eventPosition(cursor), PAGE_SIZE + 1), PAGE_SIZE);
    },

    async "log/export"({ format, ...filter }, caller: KnownCaller) {
      await audit.write({ event: "LogExported", ...traceOf(caller), details: { target: filter, format } });
      return exports.file(caller.login.userId, {
        name: "dashboard-log",
        format,
        columns: COLUMNS,
        read: (after: EventRow | undefined, limit) => store.log(filter, after, limit),
        show: (rows) => rows.map(timelineEvent),
      });
    },
  };
}

const COLUMNS: readonly [string, (event: TimelineEvent) => string | number | null][] = [
  ["time", (event) => new Date(event.time * 1000).toISOString()],
  ["event", (event) => event.event],
  ["actor", (event) => event.actor],
  ["sentence", sentenceOf],
  ["ip_address", (event) => event.ipAddress],
  ["reason", (event) => event.reason],
  ["details", (event) => (event.details === null ? null : JSON.stringify(event.details))],
];
