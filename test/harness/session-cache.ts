import { setTimeout as sleep } from "node:timers/promises";
import { REMEMBERS_SESSIONS } from "./switches.ts";
import type { TestDatabase } from "./test-database.ts";

/** How long a sidecar may answer from its cache without having heard of changes made elsewhere. */
const COUNTS_FOR_MS = 500;

/** A database where what is done beside the sidecars is done only when each of them must know of it. */
export function awaitingCaches(database: TestDatabase): TestDatabase {
  if (!REMEMBERS_SESSIONS) return database;
  return {
    ...database,
    async sql(text, values) {
      const rows = await database.sql<never>(text, values);
      if (!/^\s*SELECT\b/i.test(text)) await sleep(COUNTS_FOR_MS);
      return rows;
    },
    async advance(secs) {
      await database.advance(secs);
      await sleep(COUNTS_FOR_MS);
    },
  };
}
