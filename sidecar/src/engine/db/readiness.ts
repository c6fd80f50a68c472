import { setTimeout as sleep } from "node:timers/promises";
import { type Database, DatabaseUnavailable } from "./database.ts";
import { probe } from "./installation.ts";

const READY_TIMEOUT_MS = 1000;

/** Why this replica cannot serve now. Undefined: the database answers and accepts writes. */
export async function unreadyReason(db: Database): Promise<string | undefined> {
  const late = sleep(READY_TIMEOUT_MS, "the database does not answer", { ref: false });
  return Promise.race([probe(db).then(() => undefined, reasonOf), late]);
}

function reasonOf(error: unknown): string {
  const isReadOnly = error instanceof DatabaseUnavailable && Object(error.cause).name === "ReadOnlyServer";
  return isReadOnly ? "the database accepts no writes" : "the database does not answer";
}
