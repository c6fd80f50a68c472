import { setTimeout as sleep } from "node:timers/promises";
import type { TestDatabase } from "../../../harness/test-database.ts";
import type { PromiseName } from "./judge.ts";

export interface Bug {
  what: string;
  breaks: PromiseName;
  /** Before the clients start. */
  prepare?: string;
  /** While they are at work, every 100 ms. */
  statement: string;
}

/** What a failover that loses, or a sidecar that errs, would do; the judge must find each of them. */
export const BUGS: readonly Bug[] = [
  {
    what: "an acknowledged login is lost",
    breaks: "a session that nobody ended lives",
    statement:
      "DELETE FROM byo.sessions WHERE id IN (SELECT id FROM byo.sessions WHERE ended_at IS NULL ORDER BY random() LIMIT 1)",
  },
  {
    what: "an acknowledged end is lost",
    breaks: "an ended session is refused everywhere within a second",
    statement: "UPDATE byo.sessions SET ended_at = NULL, end_reason = NULL WHERE ended_at IS NOT NULL",
  },
  {
    what: "an acknowledged rotation is lost",
    breaks: "a token that was replaced stays replaced",
    prepare: "CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM byo.sessions WHERE false",
    statement: `
      UPDATE byo.sessions AS s SET gen = k.gen, cur_hash = k.cur_hash, next_hash = k.next_hash, since = k.since,
        prev_until = k.prev_until, confirmed_ip = k.confirmed_ip, confirmed_user_agent = k.confirmed_user_agent
        FROM kept AS k WHERE k.id = s.id AND s.gen > k.gen;
      INSERT INTO kept SELECT * FROM byo.sessions AS s WHERE NOT EXISTS (SELECT FROM kept WHERE kept.id = s.id)`,
  },
  {
    what: "an honest session is ended for a theft that did not happen",
    breaks: "a session that nobody ended lives",
    statement: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'TokenReused'
      WHERE id IN (SELECT id FROM byo.sessions WHERE ended_at IS NULL ORDER BY random() LIMIT 1)`,
  },
  {
    what: "a session becomes another user's",
    breaks: "a token belongs to one user",
    statement:
      "UPDATE byo.sessions SET user_id = 'mallory' WHERE id IN (SELECT id FROM byo.sessions ORDER BY random() LIMIT 1)",
  },
];

/** Runs the bug again and again until it is stopped. */
export async function plant(bug: Bug, { sql }: Pick<TestDatabase, "sql">): Promise<() => Promise<void>> {
  if (bug.prepare) await sql(bug.prepare);
  let isRunning = true;
  const running = (async () => {
    while (isRunning) {
      for (const statement of bug.statement.split(";")) await sql(statement);
      await sleep(100);
    }
  })();
  return async () => {
    isRunning = false;
    await running;
  };
}
