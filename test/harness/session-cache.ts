import { setTimeout as sleep } from "node:timers/promises";
import { REMEMBERS_SESSIONS } from "./switches.ts";
import type { TestDatabase } from "./test-database.ts";

/** How long a sidecar may answer from its cache without having heard of changes made elsewhere. */
const COUNTS_FOR_MS = 500;
/** Takes back what sidecars remember and applications hold: neither could know that the database's clock has jumped. */
const FORGET = "SELECT pg_notify('byo_sessions', '*')";

/** A moment in which applications that hold answers hear what was changed beside them, or that a connection ended. */
const HEARD_MS = 100;
/** By these a sidecar changes sessions that exist. */
const CHANGES = /^(Update|Invalidate|Register)/;

export async function heardByApplications(command?: string): Promise<void> {
  if (REMEMBERS_SESSIONS && (command === undefined || CHANGES.test(command))) await sleep(HEARD_MS);
}

/** A database where what is done beside the sidecars is done only when each of them must know of it. */
export function awaitingCaches(database: TestDatabase): TestDatabase {
  if (!REMEMBERS_SESSIONS) return database;
  async function forget(): Promise<void> {
    await database.sql(FORGET);
    await sleep(COUNTS_FOR_MS);
  }
  return {
    ...database,
    async sql(text, values) {
      const rows = await database.sql<never>(text, values);
      if (!/^\s*SELECT\b/i.test(text)) await forget();
      return rows;
    },
    async advance(secs) {
      await database.advance(secs);
      await forget();
    },
  };
}
