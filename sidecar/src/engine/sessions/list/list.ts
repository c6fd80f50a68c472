import {
  type CommandData,
  type CommandResponse,
  PAGE_SIZE,
  type SessionEnds,
  type SessionInfo,
} from "@byo-session/core/contract";
import type { Policy } from "../../policy/policy.ts";
import { describeDevice } from "../../policy/user-agent.ts";
import { type Answer, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { livingSessionsOfUser, livingValues } from "../living/living.ts";
import { absoluteEnd, endByTime, idleEnd, lapseOf, type SessionRow, seconds } from "../session.ts";
import { isSessionId } from "../token/session-token.ts";
import { createListStore } from "./store.ts";

export interface ListSessions {
  ofUser(data: CommandData["FetchAllSessionsForUser"]): Promise<Answer<{ sessions: SessionInfo[] }>>;
  page(data: CommandData["FetchAllSessions"]): Promise<Answer<CommandResponse["FetchAllSessions"]>>;
  byId(data: CommandData["FetchSessionById"]): Promise<Answer<CommandResponse["FetchSessionById"]>>;
}

/** Reads living sessions. */
export function createListings(deps: SessionDependencies): ListSessions {
  const { db, reader, policies, activity, fairShare } = deps;
  const store = createListStore(db, activity);

  return {
    async ofUser({ userId, sessionTags = [] }) {
      return fairShare(`user:${userId}`, async () => {
        const rows = await livingSessionsOfUser(db, userId, sessionTags, deps);
        return succeed({ sessions: rows.map(info) });
      });
    },

    async page({ userId, sessionTags: tags = [], page = 0 }) {
      const filter = { userId, tags };
      // Each page uses two connections of the pool until the count is done.
      const [rows, totalCount] = await fairShare("pages", async () => {
        const living = await livingValues(db, deps);
        return Promise.all([store.page(filter, living, PAGE_SIZE, page * PAGE_SIZE), store.count(filter, living)]);
      });
      return succeed({
        items: rows.map(info),
        page,
        pageSize: PAGE_SIZE,
        totalCount,
        hasMoreResults: (page + 1) * PAGE_SIZE < totalCount,
      });
    },

    async byId({ sessionId, tellEnd = false }) {
      const row = isSessionId(sessionId) ? await reader.read(sessionId) : undefined;
      if (!row) return fail({ type: "SessionNotFound" });
      const policy = policies.current().policyFor(row.tags);
      const endReason = row.endReason ?? lapseOf(row, policy);
      if (endReason) return fail({ type: "SessionNotFound", ...(tellEnd && { endReason }) });
      return succeed({ ...info(row), ...(tellEnd && { ends: endsOf(row, policy) }) });
    },
  };

  function info(row: SessionRow): SessionInfo {
    const ipAddress = row.lastIpAddress ?? row.ipAddress;
    const policy = policies.current().policyFor(row.tags);
    return {
      sessionId: row.id,
      userId: row.userId,
      createdAt: seconds(row.createdAt),
      expiresAt: seconds(absoluteEnd(row, policy)),
      ...idleEnd(row, policy),
      lastActivityAt: seconds(row.lastActivityAt),
      device: describeDevice(row.userAgent ?? undefined),
      ...(ipAddress !== null && { ipAddress }),
      ...(row.tags.length > 0 && { sessionTags: row.tags }),
      ...(row.metadata !== null && { metadata: row.metadata }),
    };
  }
}

/** At least 1: a session that ended by time is not found. */
function endsOf(row: SessionRow, policy: Policy): SessionEnds {
  const msTo = (at: number) => Math.max(1, Math.ceil(at - row.now));
  return { absoluteMs: msTo(absoluteEnd(row, policy)), unusedMs: msTo(endByTime(row, policy).at) };
}
