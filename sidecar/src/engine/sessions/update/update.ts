import { setImmediate } from "node:timers/promises";
import type { CommandData, CommandResponse } from "@byo-session/core/contract";
import type { AuditEvent } from "../../audit/event.ts";
import type { Queryable } from "../../db/database.ts";
import { type Answer, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { livingOf, livingValues } from "../living/living.ts";
import { manySessionsProblem, shareOf, takePart } from "../living/part.ts";
import { readForUpdate } from "../read/store.ts";
import type { SessionRow } from "../session.ts";
import { isSessionId } from "../token/session-token.ts";
import { applyChanges, changesProblem } from "./changes.ts";
import { type ChangedSession, saveChanges } from "./store.ts";

export interface UpdateSessions {
  one(data: CommandData["UpdateSession"], actor: string): Promise<Answer<Record<string, never>>>;
  many(data: CommandData["UpdateSessions"], actor: string): Promise<Answer<CommandResponse["UpdateSessions"]>>;
}

const ROWS_IN_A_ROW = 20;

/** Changes the tags and metadata of living sessions. */
export function createUpdates(deps: SessionDependencies): UpdateSessions {
  const { db, audit, policies, activity, fairShare } = deps;

  return {
    async one({ sessionId, ...changes }, actor) {
      const problem = changesProblem(changes, policies.current());
      if (problem) return fail(problem);
      if (!isSessionId(sessionId)) return fail({ type: "SessionNotFound" });
      return audit.transaction(async (tx, record) => {
        const row = await readForUpdate(tx, activity, sessionId);
        const [living] = row ? livingOf([row], deps.policies) : [];
        if (!living) return fail({ type: "SessionNotFound" });
        const changed = applyChanges(living, changes);
        if ("problem" in changed) return fail({ type: "UnexpectedError", details: changed.problem }, 400);
        await save(tx, record, living, changed, actor);
        return succeed({});
      });
    },

    async many({ filter, pagingToken, ...changes }, actor) {
      const wrongChoice = manySessionsProblem({ filter, pagingToken });
      if (wrongChoice !== undefined) return fail({ type: "UnexpectedError", details: wrongChoice }, 400);
      const problem = changesProblem(changes, policies.current());
      if (problem) return fail(problem);
      const living = await livingValues(db, deps);
      return fairShare(shareOf(filter), () =>
        audit.transaction(async (tx, record) => {
          const { rows, ...next } = await takePart(tx, { filter, pagingToken }, living, activity);
          const isAsWhole = pagingToken === undefined;
          if (isAsWhole && next.nextPagingToken !== undefined) return fail({ type: "UpdatingTooManySessionsAtOnce" });
          const updates: [SessionRow, ChangedSession][] = [];
          for (const [at, row] of rows.entries()) {
            // A thousand sessions with much metadata take a while: other work gets its turn in between.
            if (at % ROWS_IN_A_ROW === ROWS_IN_A_ROW - 1) await setImmediate();
            const changed = applyChanges(row, changes);
            if ("problem" in changed) return fail({ type: "UnexpectedError", details: changed.problem }, 400);
            updates.push([row, changed]);
          }
          for (const [row, changed] of updates) await save(tx, record, row, changed, actor);
          return succeed({ updatedCount: updates.length, ...next });
        }),
      );
    },
  };

  async function save(
    tx: Queryable,
    record: (event: AuditEvent) => void,
    row: SessionRow,
    changed: ChangedSession,
    actor: string,
  ): Promise<void> {
    await saveChanges(tx, row.id, changed);
    record({
      event: "SessionUpdated",
      sessionId: row.id,
      userId: row.userId,
      tags: changed.tags,
      actor,
      ...(changed.asksRotation && { details: { tagsBefore: row.tags } }),
    });
  }
}
