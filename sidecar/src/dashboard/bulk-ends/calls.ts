import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import { readClock } from "../../engine/db/installation.ts";
import { lockUser } from "../../engine/sessions/locks/store.ts";
import { call, EDITORS, EVERYBODY } from "../call.ts";
import { traceOf } from "../caller.ts";
import { requireConfirmed } from "../confirmed.ts";
import { type BulkEnd, type BulkEndList, MAX_INCIDENT_CHARS, MAX_SELECTED } from "../contract/bulk-ends.ts";
import type { BoundedCount } from "../contract/sessions.ts";
import { confirmedCount, listOf, nothing, sessionId, storedText } from "../fields.ts";
import { notFound, Refusal } from "../refusal.ts";
import type { LivingContext } from "../search-context.ts";
import { countSessions } from "../sessions/count.ts";
import { sessionFilter } from "../sessions/filter-input.ts";
import { entryOf } from "./batch.ts";
import type { BulkEndRunner } from "./runner.ts";
import { type BulkEndRow, type BulkTarget, createBulkEndStore } from "./store.ts";
import { livingTarget, targetDetails, targetInWords, wholeUser } from "./target.ts";

export interface BulkEndContext extends LivingContext {
  db: Database;
  audit: AuditLog;
  bulkEnds: BulkEndRunner;
}

const MAX_RUNNING = 20;
const DAY_SECS = 86_400;
/** Most ends are over within this time: then the answer has the final number. */
const WAIT_MS = 1_000;
const LOOK_MS = 25;

const id = z.uuid({ error: "expected the id of a bulk end" });
/** The sessions that were selected, or all active ones that match a filter; an empty filter means all. */
const target = z.union(
  [
    z.strictObject({
      sessionIds: listOf(sessionId, MAX_SELECTED, "expected session ids").refine((ids) => ids.length > 0, {
        error: "expected at least one session id",
      }),
      /** The incident that they were selected in, for the log, such as "Address 203.0.113.7". */
      incident: storedText(MAX_INCIDENT_CHARS).optional(),
    }),
    z.strictObject({ filter: sessionFilter }),
  ],
  { error: 'expected {"sessionIds": […]} or {"filter": {…}}' },
);

/** Ends many sessions. The sidecar does it, so the page may be closed; any replica continues it. */
export const BULK_END_CALLS = {
  /** How many active sessions `sessions/end-many` would end. */
  "sessions/end-count": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ target }),
    handler: ({ target }, _caller, context: BulkEndContext): Promise<BoundedCount> =>
      countSessions(livingTarget(target), context),
  }),

  "sessions/end-many": call({
    method: "POST",
    access: EDITORS,
    input: z
      .strictObject({
        target,
        /** What `sessions/end-count` answered. Refused if it would now be clearly more. */
        confirmed: confirmedCount,
        /** Why, for the log. */
        note: storedText(500).optional(),
      })
      .refine(({ target, note }) => !("incident" in target) || note !== undefined, {
        path: ["note"],
        error: "expected a note for the end of an incident",
      }),
    async handler({ confirmed, note = null, ...input }, caller, context: BulkEndContext): Promise<BulkEnd> {
      const { db, audit, bulkEnds } = context;
      const target = await pinned(input.target, db);
      const counted = await countSessions(livingTarget(target), context);
      requireConfirmed(counted, confirmed);
      const { count: expected, isCapped } = counted;
      const row = { id: randomUUID(), target, askedBy: traceOf(caller), note, expected, isCapped };
      await audit.transaction(async (tx, record) => {
        // The user's logins wait for this lock: sessions from earlier logins end, those from later ones do not.
        const userId = wholeUser(target);
        if (userId !== undefined) await lockUser(tx, userId);
        if (!(await createBulkEndStore(tx).insert(row, MAX_RUNNING))) {
          const message = `${MAX_RUNNING} bulk ends are running already. Wait until one has finished.`;
          throw new Refusal({ type: "Busy", message });
        }
        record({ ...entryOf(row), count: 0 });
      });
      bulkEnds.wake();
      return shown(await finishedSoon(row.id, db));
    },
  }),

  /** Those that are running, or finished within the last minutes, the newest first. */
  "sessions/ends": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, _caller, { boundedDb }: BulkEndContext): Promise<BulkEndList> {
      return { items: (await createBulkEndStore(boundedDb).lately()).map(shown) };
    },
  }),

  "sessions/end-progress": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ id }),
    handler: async ({ id }, _caller, { boundedDb }: BulkEndContext): Promise<BulkEnd> =>
      shown(await createBulkEndStore(boundedDb).read(id)),
  }),

  /** Sessions that have not ended yet stay active. */
  "sessions/stop-ending": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ id }),
    async handler({ id }, caller, { audit }: BulkEndContext): Promise<BulkEnd> {
      return audit.transaction(async (tx, record) => {
        const stopped = await createBulkEndStore(tx).stop(id, caller.login.username);
        if (!stopped) throw notFound("No bulk end with this id is running.");
        const { target, ended } = stopped;
        record({ event: "BulkEndStopped", ...traceOf(caller), details: { ...targetDetails(target), ended } });
        return shown(stopped);
      });
    },
  }),
};

/** "Within the last day" means the day before the start, however long the end takes. */
async function pinned(target: BulkTarget, db: Database): Promise<BulkTarget> {
  const { filter } = target;
  if (!filter?.event || filter.eventFrom !== undefined || filter.eventTo !== undefined) return target;
  const eventTo = Math.ceil((await readClock(db)) / 1000);
  return { filter: { ...filter, eventFrom: eventTo - DAY_SECS, eventTo } };
}

async function finishedSoon(id: string, db: Database): Promise<BulkEndRow | undefined> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const row = await createBulkEndStore(db).read(id);
    if (row?.finishedAt !== null || performance.now() > deadline) return row;
    await sleep(LOOK_MS);
  }
}

function shown(row: BulkEndRow | undefined): BulkEnd {
  if (!row) throw notFound("No bulk end has this id. Finished ones are kept for a day; the log has what they did.");
  const seconds = (ms: number) => Math.floor(ms / 1000);
  return {
    id: row.id,
    target: targetInWords(row.target),
    note: row.note,
    startedBy: row.askedBy.actor.replace(/^dashboard:/, ""),
    startedAt: seconds(row.createdAt),
    finishedAt: row.finishedAt === null ? null : seconds(row.finishedAt),
    stoppedBy: row.stoppedBy,
    ended: row.ended,
    expected: { count: row.expected, isCapped: row.isCapped },
  };
}
