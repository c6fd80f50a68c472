import type { CommandData } from "@byo-session/core/contract";
import type { AuditEvent } from "../audit/event.ts";
import type { Queryable } from "../db/database.ts";
import { type Answer, fail, succeed } from "../sessions/dependencies.ts";
import { isSessionId } from "../sessions/token/session-token.ts";
import type { ImpersonationDependencies } from "./dependencies.ts";
import { canonicalEmail } from "./employee-email.ts";
import { employeeActor, endedEvent, type ImpersonationEndContext } from "./events.ts";
import { createImpersonationStore, type ImpersonationFilter } from "./store.ts";
import { isImpersonationSecret, parseImpersonationToken } from "./token.ts";

type Done = Answer<Record<string, never>>;
type Invalidated = Answer<{ sessionsInvalidated: number }>;

export interface EndImpersonations {
  byId(data: CommandData["InvalidateImpersonationSessionById"], by: ImpersonationEndContext): Promise<Done>;
  byToken(data: CommandData["InvalidateImpersonationSessionByToken"]): Promise<Done>;
  ofEmployee(data: { employeeEmail: string }, by: ImpersonationEndContext): Promise<Invalidated>;
  ofUser(data: { userId: string }, by: ImpersonationEndContext): Promise<Invalidated>;
  /** Within a transaction that ends everything of a user. Returns how many ended. */
  endWithUser(
    tx: Queryable,
    record: (event: AuditEvent) => void,
    userId: string,
    by: ImpersonationEndContext,
  ): Promise<number>;
}

/** Ends impersonations on request. They can be ended while impersonation is disabled. */
export function createImpersonationEnds({ db, audit, fairShare, rules }: ImpersonationDependencies): EndImpersonations {
  const storeOn = (on: Queryable) => createImpersonationStore(on, rules().impersonation_duration_secs);

  async function endMany(
    tx: Queryable,
    record: (event: AuditEvent) => void,
    filter: ImpersonationFilter,
    by: ImpersonationEndContext,
  ): Promise<number> {
    const ended = await storeOn(tx).endMany(filter, "Revoked");
    for (const row of ended) record(endedEvent(row, "Revoked", by));
    return ended.length;
  }

  function endOne(id: string, reason: "Stopped" | "Revoked", by: ImpersonationEndContext): Promise<Done> {
    return audit.transaction(async (tx, record) => {
      const ended = await storeOn(tx).endOne(id, reason);
      if (!ended) return fail({ type: "SessionNotFound" });
      record(endedEvent(ended, reason, by));
      return succeed({});
    });
  }

  return {
    async byId({ impersonationSessionId: id }, by) {
      return isSessionId(id) ? endOne(id, "Revoked", by) : fail({ type: "SessionNotFound" });
    },

    async byToken({ impersonationSessionToken }) {
      const token = parseImpersonationToken(impersonationSessionToken);
      const row = token && (await storeOn(db).read(token.id));
      if (!row || !isImpersonationSecret(row.tokenHash, token.secret)) return fail({ type: "SessionNotFound" });
      return endOne(row.id, "Stopped", { actor: employeeActor(row.employeeEmail) });
    },

    async ofEmployee(data, by) {
      const employeeEmail = canonicalEmail(data.employeeEmail);
      if (employeeEmail === undefined) return succeed({ sessionsInvalidated: 0 });
      const ended = await audit.transaction((tx, record) => endMany(tx, record, { employeeEmail }, by));
      return succeed({ sessionsInvalidated: ended });
    },

    async ofUser({ userId }, by) {
      const ended = await fairShare(`user:${userId}`, () =>
        audit.transaction((tx, record) => endMany(tx, record, { targetUserId: userId }, by)),
      );
      return succeed({ sessionsInvalidated: ended });
    },

    endWithUser: (tx, record, userId, by) => endMany(tx, record, { targetUserId: userId }, by),
  };
}
