import { type ManySessions, SESSIONS_AT_ONCE } from "@byo-session/core/contract";
import type { Queryable } from "../../db/database.ts";
import type { KnownUses } from "../read/latest-use.ts";
import type { SessionRow } from "../session.ts";
import { isSessionId } from "../token/session-token.ts";
import { createLivingStore, type LivingValues } from "./store.ts";

/** The share of the pool that commands over many sessions have together. */
export const MANY_SESSIONS = "many-sessions";

/** What is wrong with the choice of sessions. */
export function manySessionsProblem({ filter, pagingToken = "" }: ManySessions): string | undefined {
  const { userId, sessionTags = [] } = filter;
  if (userId === undefined && sessionTags.length === 0) return "filter: expected a userId or sessionTags";
  const isGood = pagingToken === "" || isSessionId(pagingToken);
  return isGood ? undefined : 'pagingToken: expected "" or the nextPagingToken of the last answer';
}

/**
 * The next sessions of the choice, in the order of their ids and held until the end of the transaction. The last id is
 * where the next part begins, so sessions that a change leaves in the choice come once only.
 */
export async function takePart(
  tx: Queryable,
  { filter, pagingToken }: ManySessions,
  living: LivingValues,
  uses: KnownUses,
): Promise<{ rows: SessionRow[]; nextPagingToken?: string }> {
  const wanted = { userId: filter.userId, tags: filter.sessionTags ?? [], afterId: pagingToken || undefined };
  const found = await createLivingStore(tx, uses).matchingForUpdate(wanted, living, SESSIONS_AT_ONCE + 1);
  const rows = found.slice(0, SESSIONS_AT_ONCE);
  const last = rows.at(-1);
  return { rows, ...(last && found.length > rows.length && { nextPagingToken: last.id }) };
}
