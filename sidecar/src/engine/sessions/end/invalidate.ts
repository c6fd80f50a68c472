import type { CommandData, CommandResponse, SessionsFilter } from "@byo-session/core/contract";
import type { AuditEvent } from "../../audit/event.ts";
import type { Queryable } from "../../db/database.ts";
import { createDeviceStore } from "../../devices/store.ts";
import { type Answer, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { livingOf, livingSessionsOfUser, livingValues } from "../living/living.ts";
import { manySessionsProblem, shareOf, takePart } from "../living/part.ts";
import { inLockOrder } from "../locks/order.ts";
import { lockUser } from "../locks/store.ts";
import { readForUpdate, readSession } from "../read/store.ts";
import type { SessionRow } from "../session.ts";
import { isGenuineAndLiving, saltOf, standingOf } from "../standing.ts";
import { positionOf } from "../token/position.ts";
import { isSessionId, parseSessionToken } from "../token/session-token.ts";
import { type EndContext, endSession, endSessions } from "./end-session.ts";
import { AlreadyDone, noteDone, refuseRepeated } from "./once.ts";
import { createEndStore } from "./store.ts";

export interface InvalidateSessions {
  byToken(data: CommandData["InvalidateSessionByToken"]): Promise<Answer<Record<string, never>>>;
  byId(data: CommandData["InvalidateSessionById"], by: EndContext): Promise<Answer<Record<string, never>>>;
  allForUser(
    data: CommandData["InvalidateAllSessionsForUser"],
    actor: string,
  ): Promise<Answer<{ sessionsInvalidated: number }>>;
  allForUserExceptOne(
    data: CommandData["InvalidateAllSessionsForUserExceptOne"],
    actor: string,
  ): Promise<Answer<{ sessionsInvalidated: number }>>;
  many(data: CommandData["InvalidateSessions"], actor: string): Promise<Answer<CommandResponse["InvalidateSessions"]>>;
}

/** Ends sessions on request. */
export function createInvalidations(deps: SessionDependencies): InvalidateSessions {
  const { db, audit, envelope, policies, activity, fairShare, endWithUser, metrics } = deps;

  return {
    /** Logs out with any genuine token of the session, even an old one. Logging out twice is fine. */
    async byToken({ sessionToken, cause, replaced }) {
      const token = parseSessionToken(sessionToken ?? "");
      if (!token) return succeed({});
      return fairShare(token.id, async () => {
        const row = await readSession(db, activity, token.id);
        const isDone = row?.endReason && !replaced;
        if (!row || isDone || positionOf(row, token, saltOf(row, envelope)) === "forged") return succeed({});
        const ended = await audit.transaction(async (tx, record) => {
          if (replaced) await createEndStore(tx).noteReplaced(row.id);
          return !row.endReason && endSession(tx, record, row, "LoggedOut", endedBy(cause, replaced));
        });
        if (ended) metrics.ended("LoggedOut");
        return succeed({});
      });
    },

    async byId({ sessionId, userId }, by) {
      if (!isSessionId(sessionId)) return fail({ type: "SessionNotFound" });
      return audit.transaction(async (tx, record) => {
        const row = await readForUpdate(tx, activity, sessionId);
        const [found] = row && (userId ?? row.userId) === row.userId ? livingOf([row], deps.policies) : [];
        if (!found || !(await endSession(tx, record, found, "Revoked", by))) return fail({ type: "SessionNotFound" });
        metrics.ended("Revoked");
        return succeed({});
      });
    },

    allForUser: (data, actor) => endAll(data, undefined, actor),

    async allForUserExceptOne({ sessionTokenToKeep, ...data }, actor) {
      const { userId } = data;
      const keep = await livingSessionOf(userId, sessionTokenToKeep);
      if (keep === undefined) {
        const details = "sessionTokenToKeep: expected the token of an active session of this user";
        return fail({ type: "UnexpectedError", details }, 400);
      }
      return endAll(data, keep, actor);
    },

    async many(data, actor) {
      const problem = manySessionsProblem(data);
      if (problem !== undefined) return fail({ type: "UnexpectedError", details: problem }, 400);
      const living = await livingValues(db, deps);
      const target = inWords(data.filter);
      const { once, cause } = data;
      const why = cause && { cause };
      const endPart = () =>
        audit.transaction(async (tx, record) => {
          if (once) await refuseRepeated(tx, once);
          const { rows, ...next } = await takePart(tx, data, living, activity);
          const count = await endSessions(tx, record, rows, "Revoked", { actor, details: { bulk: target, ...why } });
          record({ event: "SessionsEnded", actor, details: { target, ended: count, ...why } });
          if (once && next.nextPagingToken === undefined) await noteDone(tx, once);
          return { ended: count, next };
        });
      try {
        const { ended, next } = await fairShare(shareOf(data.filter), endPart);
        if (ended > 0) metrics.ended("Revoked", ended);
        return succeed({ sessionsInvalidated: ended, ...next });
      } catch (error) {
        if (error instanceof AlreadyDone) return fail({ type: "AlreadyDone" });
        throw error;
      }
    },
  };

  /** The session of a usable token. A pending successor counts, and stays unconfirmed. */
  async function livingSessionOf(userId: string, sessionToken: string): Promise<SessionRow | undefined> {
    const token = parseSessionToken(sessionToken);
    const row = token && (await readSession(db, activity, token.id));
    if (!row || row.userId !== userId) return undefined;
    const standing = standingOf(row, policies.current().policyFor(row.tags), token, envelope);
    return isGenuineAndLiving(standing) && standing.position !== "stale" ? row : undefined;
  }

  /** The user's logins wait for this: sessions from earlier logins end, those from later ones do not. */
  function endAll(
    { userId, sessionTags: tags = [], forgetDevices }: CommandData["InvalidateAllSessionsForUser"],
    keep: SessionRow | undefined,
    actor: string,
  ): Promise<Answer<{ sessionsInvalidated: number }>> {
    return fairShare(`user:${userId}`, async () => {
      const ended = await audit.transaction(async (tx, record) => {
        await lockUser(tx, userId);
        let count = 0;
        for (const row of inLockOrder(await livingSessionsOfUser(tx, userId, tags, deps))) {
          if (row.id !== keep?.id && (await endSession(tx, record, row, "Revoked", { actor }))) count++;
        }
        // Tags select sessions; an impersonation has none.
        if (tags.length === 0) await endWithUser(tx, record, userId, { actor });
        if (forgetDevices) await forgetAllDevices(tx, record, { userId, keep, actor });
        return count;
      });
      if (ended > 0) metrics.ended("Revoked", ended);
      return succeed({ sessionsInvalidated: ended });
    });
  }
}

/** A login that replaces the session is an act of the user, like a logout. */
function endedBy(cause: "ConflictingCookies" | undefined, replaced: boolean | undefined): EndContext {
  if (cause) return { actor: "system", details: { cause } };
  return { actor: "user", ...(replaced && { details: { cause: "Replaced" } }) };
}

/** It is in the audit event of each session, so long lists are shortened. */
const TAGS_IN_WORDS = 3;

/** For the audit trail, such as "tag org:acme" or "user ada with tags org:acme, role:admin". */
function inWords({ userId, sessionTags = [] }: SessionsFilter): string {
  const more = sessionTags.length > TAGS_IN_WORDS ? [`${sessionTags.length - TAGS_IN_WORDS} more`] : [];
  const listed = [...sessionTags.slice(0, TAGS_IN_WORDS), ...more].join(", ");
  const tags = sessionTags.length === 0 ? [] : [`${sessionTags.length === 1 ? "tag" : "tags"} ${listed}`];
  return [...(userId === undefined ? [] : [`user ${userId}`]), ...tags].join(" with ");
}

/** For example after a new password: at their next login all other devices are new again. */
async function forgetAllDevices(
  tx: Queryable,
  record: (event: AuditEvent) => void,
  { userId, keep, actor }: { userId: string; keep: SessionRow | undefined; actor: string },
): Promise<void> {
  const count = await createDeviceStore(tx).forgetAll(userId, keep?.deviceThumbprint ?? null);
  if (count > 0) record({ event: "DevicesForgotten", userId, actor, details: { count } });
}
