import { type CommandData, type CommandResponse, PAGE_SIZE, type SessionInfo } from "@byo-session/core/contract";
import { describeDevice } from "../../policy/user-agent.ts";
import { type Answer, fail, type SessionDependencies, succeed } from "../dependencies.ts";
import { livingOf, livingSessionsOfUser, livingValues } from "../living/living.ts";
import { readSession } from "../read/store.ts";
import { absoluteEnd, type SessionRow, seconds } from "../session.ts";
import { isSessionId } from "../token/session-token.ts";
import { createListStore } from "./store.ts";

export interface ListSessions {
  ofUser(data: CommandData["FetchAllSessionsForUser"]): Promise<Answer<{ sessions: SessionInfo[] }>>;
  page(data: CommandData["FetchAllSessions"]): Promise<Answer<CommandResponse["FetchAllSessions"]>>;
  byId(data: CommandData["FetchSessionById"]): Promise<Answer<SessionInfo>>;
}

/** Reads living sessions. */
export function createListings(deps: SessionDependencies): ListSessions {
  const { db, policies, activity, fairShare } = deps;
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

    async byId({ sessionId }) {
      const row = isSessionId(sessionId) ? await readSession(db, activity, sessionId) : undefined;
      const [living] = row ? livingOf([row], deps.policies) : [];
      return living ? succeed(info(living)) : fail({ type: "SessionNotFound" });
    },
  };

  function info(row: SessionRow): SessionInfo {
    const ipAddress = row.lastIpAddress ?? row.ipAddress;
    return {
      sessionId: row.id,
      userId: row.userId,
      createdAt: seconds(row.createdAt),
      expiresAt: seconds(absoluteEnd(row, policies.current().policyFor(row.tags))),
      lastActivityAt: seconds(row.lastActivityAt),
      device: describeDevice(row.userAgent ?? undefined),
      ...(ipAddress !== null && { ipAddress }),
      ...(row.tags.length > 0 && { sessionTags: row.tags }),
      ...(row.metadata !== null && { metadata: row.metadata }),
    };
  }
}
