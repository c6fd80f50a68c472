import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import type { SessionDependencies } from "../../engine/sessions/dependencies.ts";
import { type EndContext, endSession } from "../../engine/sessions/end/end-session.ts";
import { livingValues } from "../../engine/sessions/living/living.ts";
import { createLivingStore } from "../../engine/sessions/living/store.ts";
import { inLockOrder } from "../../engine/sessions/locks/order.ts";
import { lockUser } from "../../engine/sessions/locks/store.ts";
import type { SessionService } from "../../engine/sessions/service.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { ManySessions } from "../contract/sessions.ts";
import type { Handlers } from "../handlers.ts";
import { invalidField, notFound } from "../refusal.ts";
import { createSearchStore } from "./store.ts";

interface EndDependencies {
  db: Database;
  audit: AuditLog;
  sessions: Pick<SessionDependencies, "policies" | "activity" | "metrics">;
  invalidate: SessionService["invalidate"];
}

type EndCalls = Pick<Handlers<"sessions">, "sessions/end-one" | "sessions/end-many" | "sessions/end-count">;

const BATCH = 200;
/** One call runs for this long at most, well below the timeouts of browsers and proxies. */
const MAX_MS = 10_000;
const MAX_COUNTED = 10_000;

/** Ends sessions. This cannot be undone, so to end many a person types the user id or tag again. */
export function createEndCalls({ db, audit, sessions, invalidate }: EndDependencies): EndCalls {
  async function endBatch(many: ManySessions, caller: KnownCaller): Promise<number> {
    const filter = { userId: many.userId, tags: many.tag === undefined ? [] : [many.tag] };
    const living = await livingValues(db, sessions);
    const ended = await audit.transaction(async (tx, record) => {
      // The user's logins wait for this lock: sessions from earlier logins end, those from later ones do not.
      if (many.userId !== undefined) await lockUser(tx, many.userId);
      const rows = await createLivingStore(tx, sessions.activity).matchingForUpdate(filter, living, BATCH);
      const by = endedBy(caller, { bulk: targetOf(many) });
      let count = 0;
      for (const row of inLockOrder(rows)) {
        if (await endSession(tx, record, row, "Revoked", by)) count++;
      }
      return count;
    });
    if (ended > 0) sessions.metrics.ended("Revoked", ended);
    return ended;
  }

  return {
    async "sessions/end-one"({ sessionId }, caller: KnownCaller) {
      const answer = await invalidate.byId({ sessionId }, endedBy(caller));
      if (!answer.ok) throw notFound("No living session has this id.");
      return {};
    },

    async "sessions/end-count"(many) {
      const filter = {
        state: "active",
        userId: many.userId,
        ...(many.tag !== undefined && { tag: [many.tag] }),
      } as const;
      const count = await createSearchStore(db).count(filter, await livingValues(db, sessions), MAX_COUNTED + 1);
      return { count: Math.min(count, MAX_COUNTED), isCapped: count > MAX_COUNTED };
    },

    async "sessions/end-many"({ confirmation, ...many }, caller: KnownCaller) {
      const typed = many.userId ?? many.tag;
      if (confirmation !== typed) throw invalidField("confirmation", "expected the user id or tag, typed exactly");
      const deadline = performance.now() + MAX_MS;
      let ended = 0;
      let inBatch = 0;
      try {
        do {
          inBatch = await endBatch(many, caller);
          ended += inBatch;
        } while (inBatch > 0 && performance.now() < deadline);
      } finally {
        // Recorded even if a later batch failed: the earlier batches have ended their sessions.
        await audit.write({ event: "SessionsEnded", ...traceOf(caller), details: { target: targetOf(many), ended } });
      }
      return { ended, hasMore: inBatch > 0 };
    },
  };
}

/** The caller's address goes into the details: as the event's address it would look like the user's in a timeline. */
function endedBy(caller: KnownCaller, details: Record<string, string> = {}): EndContext {
  const { actor, ...by } = traceOf(caller);
  return { actor, details: { ...details, by } };
}

function targetOf({ userId, tag }: ManySessions): string {
  return userId === undefined ? `tag ${tag}` : `user ${userId}`;
}
