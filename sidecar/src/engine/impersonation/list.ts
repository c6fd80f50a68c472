import { type CommandData, type CommandResponse, type ImpersonationInfo, PAGE_SIZE } from "@byo-session/core/contract";
import { type Answer, fail, succeed } from "../sessions/dependencies.ts";
import { seconds } from "../sessions/session.ts";
import { isSessionId } from "../sessions/token/session-token.ts";
import type { ImpersonationDependencies } from "./dependencies.ts";
import { canonicalEmail } from "./employee-email.ts";
import { createImpersonationStore, type ImpersonationRow } from "./store.ts";

type Sessions = { sessions: ImpersonationInfo[] };

export interface ListImpersonations {
  byId(data: CommandData["FetchImpersonationSessionById"]): Promise<Answer<ImpersonationInfo>>;
  ofEmployee(data: { employeeEmail: string }): Promise<Answer<Sessions>>;
  ofUser(data: { userId: string }): Promise<Answer<Sessions>>;
  active(
    data: CommandData["FetchAllActiveImpersonationSessions"],
  ): Promise<Answer<CommandResponse["FetchAllActiveImpersonationSessions"]>>;
  visibleToUser(data: { userId: string }): Promise<Answer<CommandResponse["FetchVisibleImpersonationsForUser"]>>;
}

/** How many a user sees at most. */
const MAX_VISIBLE = 50;

/** Reads impersonations. */
export function createImpersonationLists({ db, fairShare, rules }: ImpersonationDependencies): ListImpersonations {
  const store = () => createImpersonationStore(db, rules().impersonation_duration_secs);

  return {
    async byId({ impersonationSessionId: id }) {
      const row = isSessionId(id) ? await store().read(id) : undefined;
      return row?.isLiving ? succeed(info(row)) : fail({ type: "SessionNotFound" });
    },

    async ofEmployee(data) {
      const employeeEmail = canonicalEmail(data.employeeEmail);
      // Nobody has ever impersonated with such an address.
      if (employeeEmail === undefined) return succeed({ sessions: [] });
      return succeed({ sessions: (await store().living({ employeeEmail })).map(info) });
    },

    ofUser: ({ userId: targetUserId }) =>
      fairShare(`user:${targetUserId}`, async () =>
        succeed({ sessions: (await store().living({ targetUserId })).map(info) }),
      ),

    async active({ pagingToken, employeeEmail: asked, targetUserId }) {
      const employeeEmail = asked === undefined ? undefined : canonicalEmail(asked);
      if (employeeEmail === undefined && asked !== undefined) return succeed({ sessions: [], hasMoreResults: false });
      // The id of the last one of the page before; it may have ended since.
      if (pagingToken !== undefined && !(isSessionId(pagingToken) && (await store().read(pagingToken)))) {
        return fail({ type: "InvalidPagingToken" });
      }
      const found = await fairShare("pages", () =>
        store().living({ employeeEmail, targetUserId }, { after: pagingToken, limit: PAGE_SIZE + 1 }),
      );
      const rows = found.slice(0, PAGE_SIZE);
      const hasMoreResults = found.length > rows.length;
      const last = rows.at(-1);
      return succeed({
        sessions: rows.map(info),
        ...(hasMoreResults && { nextPagingToken: last?.id }),
        hasMoreResults,
      });
    },

    async visibleToUser({ userId: targetUserId }) {
      if (!rules().visible_to_user) return succeed({ impersonations: [] });
      const rows = await fairShare(`user:${targetUserId}`, () => store().all({ targetUserId }, { limit: MAX_VISIBLE }));
      return succeed({
        impersonations: rows.map(({ id, createdAt, endedAt }) => ({
          impersonationSessionId: id,
          startedAt: seconds(createdAt),
          ...(endedAt !== null && { endedAt: seconds(endedAt) }),
        })),
      });
    },
  };
}

function info(row: ImpersonationRow): ImpersonationInfo {
  return {
    impersonationSessionId: row.id,
    employeeEmail: row.employeeEmail,
    targetUserId: row.targetUserId,
    createdAt: seconds(row.createdAt),
    expiresAt: seconds(row.expiresAt),
    ...(row.metadata !== null && { metadata: row.metadata }),
  };
}
