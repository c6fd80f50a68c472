import type { Queryable, Statement } from "../../db/database.ts";
import { ago, NOW } from "../../db/time.ts";
import { onceForEach } from "../../once-for-each.ts";
import type { PolicyBook, SaidOfSetting } from "../../policy/policy.ts";
import type { KnownUses } from "../read/latest-use.ts";
import { COLUMNS, readRows } from "../read/store.ts";
import type { SessionRow } from "../session.ts";

/**
 * The rule of `living.ts` for queries over many sessions. They apply the current policies of the tags, so no stored
 * value becomes outdated when a policy changes (docs/adr/0024-the-query-applies-the-policy.md).
 */

const after = (column: string, secs: string) => `${column} + make_interval(secs => ${secs}::float8)`;
/** Greater than any duration of a policy: rank and duration form one number, and the smallest number wins. */
const RANK = 1_000_000_000;

/** The strictest duration of the lowest rank among a row's tags, or that of the defaults. */
const secsOf = (byTag: string, otherwise: string) =>
  `coalesce((SELECT min((${byTag}::jsonb ->> tag)::bigint) FROM unnest(tags) AS tag) % ${RANK}, ${otherwise}::float8)`;

/** What the conditions take from the policies, in the order of the statement's values. */
export type LivingValues = readonly [
  lifetimes: string,
  lifetime: number | null,
  timeouts: string,
  timeout: number | null,
  shortestLifetime: number,
  shortestTimeout: number | null,
];
/** How many of them `endByTimeSql` takes, from the first on. */
export const END_VALUES = 4;

/** When a session that is not marked as ended will end by time without further use. The values start at `$first`. */
export function endByTimeSql(first: number): string {
  // `least` ignores a null timeout.
  return `least(${absoluteEndSql(first)}, ${inactiveAtSql(first)})`;
}

/** Why it will: the counterpart of `endByTime`. */
export function lapseReasonSql(first: number): string {
  return `CASE WHEN ${absoluteEndSql(first)} > ${inactiveAtSql(first)} THEN 'Inactive' ELSE 'Expired' END`;
}

const absoluteEndSql = (first: number) =>
  `least(expires_at, ${after("created_at", secsOf(`$${first}`, `$${first + 1}`))})`;
const inactiveAtSql = (first: number) => after("last_activity_at", secsOf(`$${first + 2}`, `$${first + 3}`));

/**
 * True for sessions that are older, or unused for longer, than the defaults allow, or with tags that say something else than
 * the strictest policy allows: only these may have ended. One tag with a short timeout must not have all sessions checked.
 */
export function mayBeOverSql(first: number): string {
  const ofSpecial = [first, first + 2].map((byTag) => `jsonb_exists_any($${byTag}::jsonb, tags)`).join(" OR ");
  const strictest = overSql(first + END_VALUES, first + END_VALUES + 1);
  return `(${overSql(first + 1, first + 3)} OR ((${strictest}) AND (${ofSpecial})))`;
}

const overSql = (lifetime: number, timeout: number) =>
  `created_at <= ${ago(`$${lifetime}`)} OR last_activity_at <= ${ago(`$${timeout}`)}`;

/**
 * True for living sessions. Most are younger than their lifetime and were used within their timeout by the defaults alone, so
 * the tags are checked for the others only. IS TRUE makes the planner use the indexes that the statement is made for.
 */
export function livingSql(first: number): string {
  return `ended_at IS NULL AND ${staysSql(first)} IS TRUE`;
}

/** True for sessions that have ended by time and are not marked yet. */
export function lapsedSql(first: number): string {
  return `ended_at IS NULL AND (expires_at <= ${NOW} OR ${mayBeOverSql(first)}) AND ${staysSql(first)} IS NOT TRUE`;
}

function staysSql(first: number): string {
  return `(expires_at > ${NOW} AND (${mayBeOverSql(first)} IS NOT TRUE OR ${endByTimeSql(first)} > ${NOW}))`;
}

export const livingValuesOf = onceForEach((book: PolicyBook): LivingValues => {
  const lifetimes = book.said("absolute_lifetime_secs");
  const timeouts = book.said("inactivity_timeout_secs");
  return [
    byTag(lifetimes),
    lifetimes.otherwise ?? null,
    byTag(timeouts),
    timeouts.otherwise ?? null,
    book.shortestLifetimeSecs,
    book.shortestInactivityTimeoutSecs ?? null,
  ];
});

function byTag({ tags }: SaidOfSetting<number>): string {
  return JSON.stringify(Object.fromEntries(tags.map(({ tag, rank, value }) => [tag, rank * RANK + value])));
}

export interface SessionFilter {
  userId: string | undefined;
  tags: readonly string[];
  /** Only sessions with a greater id. */
  afterId?: string | undefined;
}

/**
 * A statement for the parts of a filter that are given, under a name of its own: a condition such as "$1 IS NULL OR …" has no
 * index in a prepared statement's plan for any values. `$1` is the user, `$2` the tags.
 */
export function filteredStatement(
  name: string,
  { userId, tags }: SessionFilter,
  text: (where: string) => string,
): Statement {
  const isOfUser = userId !== undefined;
  const ofUser = isOfUser ? "user_id = $1" : "$1::text IS NULL";
  // With IS TRUE the planner takes the index of the user, who has few sessions, and not that of the tags.
  const tagged =
    tags.length === 0 ? "$2::text[] = '{}'" : isOfUser ? "(tags @> $2::text[]) IS TRUE" : "tags @> $2::text[]";
  const suffix = `${isOfUser ? "-of-user" : ""}${tags.length > 0 ? "-tagged" : ""}`;
  return { name: `${name}${suffix}`, text: text(`${ofUser} AND ${tagged}`) };
}

/** Less than the id of any session. */
const BEFORE_ALL_IDS = "00000000-0000-0000-0000-000000000000";

// IS TRUE leaves the planner only the index of users: before the first ANALYZE it expects the indexes of living
// sessions to be small, and a prepared statement keeps such a plan.
const NOT_ENDED_OF_USER: Statement = {
  name: "sessions-active-of-user",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE user_id = $1 AND (tags @> $2::text[] AND ended_at IS NULL AND expires_at > ${NOW}) IS TRUE
         ORDER BY created_at DESC, id DESC`,
};
const matching = (filter: SessionFilter): Statement =>
  filteredStatement(
    "sessions-matching",
    filter,
    (where) => `SELECT ${COLUMNS} FROM byo.sessions
    WHERE ${where} AND id > coalesce($4::uuid, '${BEFORE_ALL_IDS}') AND ${livingSql(5)}
    ORDER BY id LIMIT $3 FOR NO KEY UPDATE`,
  );

export interface LivingStore {
  /** Sessions that are not marked as ended, including those that have ended by time. */
  notEndedOfUser(userId: string, tags: readonly string[]): Promise<SessionRow[]>;
  /**
   * Living sessions by the policies in `living`, in the order of their ids; holds their rows until the end of the
   * transaction.
   */
  matchingForUpdate(filter: SessionFilter, living: LivingValues, limit: number): Promise<SessionRow[]>;
}

export function createLivingStore(db: Queryable, uses: KnownUses): LivingStore {
  return {
    notEndedOfUser: (userId, tags) => readRows(db, uses, NOT_ENDED_OF_USER, [userId, tags]),
    matchingForUpdate(filter, living, limit) {
      const { userId, tags, afterId } = filter;
      return readRows(db, uses, matching(filter), [userId ?? null, tags, limit, afterId ?? null, ...living]);
    },
  };
}
