import type { Queryable, Statement } from "../../db/database.ts";

/** The advisory lock under which a user's sessions are counted. Two users may share one, which harms nothing. */
const userLockOf = (userId: string) => `hashtextextended(${userId}, 1)`;

const LOCK_USER: Statement = {
  name: "user-lock",
  text: `SELECT pg_advisory_xact_lock(${userLockOf("$1")})`,
};
const LOCK_FREE_USERS: Statement = {
  name: "users-lock-free",
  text: `SELECT "userId" FROM unnest($1::text[]) AS v ("userId") WHERE pg_try_advisory_xact_lock(${userLockOf('"userId"')})`,
};

/** Until the end of the transaction nothing else counts or ends this user's sessions. */
export async function lockUser(tx: Queryable, userId: string): Promise<void> {
  await tx.query(LOCK_USER, [userId]);
}

/** Takes the locks of those users that nobody else holds, until the end of the transaction. Waits for none. */
export async function lockFreeUsers(tx: Queryable, userIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ userId: string }>(LOCK_FREE_USERS, [userIds]);
  return new Set(rows.map(({ userId }) => userId));
}
