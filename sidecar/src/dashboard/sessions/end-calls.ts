import { createHash, randomUUID } from "node:crypto";
import { LIMITS } from "@byo-session/core/contract";
import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import type { EndWithUser, SessionMetrics } from "../../engine/sessions/dependencies.ts";
import { type EndContext, endSession } from "../../engine/sessions/end/end-session.ts";
import { createLivingStore } from "../../engine/sessions/living/store.ts";
import { inLockOrder } from "../../engine/sessions/locks/order.ts";
import { lockUser } from "../../engine/sessions/locks/store.ts";
import type { SessionService } from "../../engine/sessions/service.ts";
import { call, EDITORS } from "../call.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { BoundedCount, EndedMany } from "../contract/sessions.ts";
import { sessionId, storedText, tag, text, userId } from "../fields.ts";
import { invalidField, notFound } from "../refusal.ts";
import { type LivingContext, livingIn } from "../search-context.ts";
import { countSessions } from "./count.ts";

export interface EndCallContext extends LivingContext {
  audit: AuditLog;
  activity: ActivityWriter;
  metrics: Pick<SessionMetrics, "ended">;
  invalidate: SessionService["invalidate"];
  endWithUser: EndWithUser;
}

const BATCH = 200;
/** One call runs for this long at most, well below the timeouts of browsers and proxies. */
const MAX_MS = 10_000;

/** All sessions of a user, or all with a tag. */
const MANY = { userId: userId.optional(), tag: tag.optional() };
const many = z.strictObject(MANY);
type Many = z.output<typeof many>;
const isOne = (input: Many) => (input.userId === undefined) !== (input.tag === undefined);
const notOne = { error: "expected a userId or a tag, not both" };

/** Ends sessions. This cannot be undone, so to end many a person types the user id or tag again. */
export const END_CALLS = {
  "sessions/end-one": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ sessionId }),
    async handler({ sessionId }, caller, { invalidate }: EndCallContext) {
      const answer = await invalidate.byId({ sessionId }, endedBy(caller));
      if (!answer.ok) throw notFound("No active session has this id.");
      return {};
    },
  }),

  /** How many sessions `sessions/end-many` would end. */
  "sessions/end-count": call({
    method: "GET",
    access: EDITORS,
    input: many.refine(isOne, notOne),
    async handler({ userId, tag }, _caller, context: EndCallContext): Promise<BoundedCount> {
      return countSessions({ state: "active", userId, ...(tag !== undefined && { tag: [tag] }) }, context);
    },
  }),

  "sessions/end-many": call({
    method: "POST",
    access: EDITORS,
    input: z
      .strictObject({
        ...MANY,
        confirmation: text(LIMITS.userIdChars),
        /** Why, for the log. */
        note: storedText(500).optional(),
        /** The same for all calls that together end the sessions: the log has one entry for them. */
        operation: z.uuid({ error: "expected a UUID" }).optional(),
      })
      .refine(isOne, notOne),
    async handler(
      { confirmation, note, operation = randomUUID(), ...input },
      caller,
      context: EndCallContext,
    ): Promise<EndedMany> {
      const typed = input.userId ?? input.tag;
      if (confirmation !== typed) throw invalidField("confirmation", "expected the user id or tag, typed exactly");
      const entry = entryOf({ target: targetOf(input), ...(note !== undefined && { note }) }, operation, caller);
      const deadline = performance.now() + MAX_MS;
      let ended = 0;
      let inBatch = 0;
      do {
        inBatch = await endBatch(input, entry, caller, context);
        ended += inBatch;
      } while (inBatch > 0 && performance.now() < deadline);
      return { ended, hasMore: inBatch > 0 };
    },
  }),
};

/** The entry of the log: each batch adds its number to it, in the transaction that ends the sessions. */
function entryOf(details: { target: string; note?: string }, operation: string, caller: KnownCaller) {
  const key = JSON.stringify(["SessionsEnded", caller.login.userId, operation, details]);
  const collapseKey = createHash("sha256").update(key).digest("base64url");
  return { event: "SessionsEnded", ...traceOf(caller), details, collapseKey } as const;
}

async function endBatch(
  { userId, tag }: Many,
  entry: ReturnType<typeof entryOf>,
  caller: KnownCaller,
  context: EndCallContext,
): Promise<number> {
  const { audit, activity, metrics, endWithUser } = context;
  const living = await livingIn(context);
  const ended = await audit.transaction(async (tx, record) => {
    // The user's logins wait for this lock: sessions from earlier logins end, those from later ones do not.
    if (userId !== undefined) await lockUser(tx, userId);
    const filter = { userId, tags: tag === undefined ? [] : [tag] };
    const rows = await createLivingStore(tx, activity).matchingForUpdate(filter, living, BATCH);
    const by = endedBy(caller, { bulk: targetOf({ userId, tag }) });
    let count = 0;
    for (const row of inLockOrder(rows)) {
      if (await endSession(tx, record, row, "Revoked", by)) count++;
    }
    if (userId !== undefined) await endWithUser(tx, record, userId, by);
    record({ ...entry, count });
    return count;
  });
  if (ended > 0) metrics.ended("Revoked", ended);
  return ended;
}

/** The caller's address goes into the details: as the event's address it would look like the user's in a timeline. */
function endedBy(caller: KnownCaller, details: Record<string, string> = {}): EndContext {
  const { actor, ...by } = traceOf(caller);
  return { actor, details: { ...details, by } };
}

function targetOf({ userId, tag }: Many): string {
  return userId === undefined ? `tag ${tag}` : `user ${userId}`;
}
