import { MAX_SESSIONS_AT_ONCE, type ManySessions } from "@byo-session/core/contract";
import type { Queryable } from "../../db/database.ts";
import type { KnownUses } from "../read/latest-use.ts";
import type { SessionRow } from "../session.ts";
import { isSessionId } from "../token/session-token.ts";
import { createLivingStore, type LivingValues } from "./store.ts";

/** The key in `fairShare`: the user, or one key for all commands that go beyond one user. */
export function shareOf({ userId }: ManySessions["filter"]): string {
  return userId === undefined ? "many-users" : `user:${userId}`;
}

/** What is wrong with the input; undefined if nothing is. */
export function manySessionsProblem({ filter, pagingToken = "" }: ManySessions): string | undefined {
  const { userId, sessionTags = [] } = filter;
  if (userId === undefined && sessionTags.length === 0) return "filter: expected a userId or sessionTags";
  const isGood = pagingToken === "" || isSessionId(pagingToken);
  return isGood ? undefined : 'pagingToken: expected "" or the nextPagingToken of the last answer';
}

/**
 * The next matching sessions, in the order of their ids, locked until the end of the transaction. The next part begins
 * after the last id, so a session that still matches after the change is not changed twice.
 */
export async function takePart(
  tx: Queryable,
  { filter, pagingToken }: ManySessions,
  living: LivingValues,
  uses: KnownUses,
): Promise<{ rows: SessionRow[]; nextPagingToken?: string }> {
  const wanted = { userId: filter.userId, tags: filter.sessionTags ?? [], afterId: pagingToken || undefined };
  const found = await createLivingStore(tx, uses).matchingForUpdate(wanted, living, MAX_SESSIONS_AT_ONCE + 1);
  const rows = found.slice(0, MAX_SESSIONS_AT_ONCE);
  const last = rows.at(-1);
  return { rows, ...(last && found.length > rows.length && { nextPagingToken: last.id }) };
}
