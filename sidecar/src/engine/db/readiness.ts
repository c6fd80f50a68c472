import { setTimeout as sleep } from "node:timers/promises";
import { causeOf } from "../causes/explain.ts";
import { factsOf } from "../causes/facts.ts";
import type { Database } from "./database.ts";
import { probe } from "./installation.ts";

const READY_TIMEOUT_MS = 1000;
/** By the name of the cause. */
const REASONS: Readonly<Record<string, string>> = {
  ReadOnlyServer: "the database accepts no writes",
  SettingMisfit: "a setting of the role or the database does not fit",
  DiskFull: "the disk of the database is full",
};

/** Why this replica cannot serve now. Undefined: the database answers and accepts writes. */
export async function unreadyReason(db: Database): Promise<string | undefined> {
  const late = sleep(READY_TIMEOUT_MS, "the database does not answer", { ref: false });
  const check = async () => {
    await db.expectSpace?.();
    await probe(db);
  };
  return Promise.race([check().then(() => undefined, reasonOf), late]);
}

function reasonOf(error: unknown): string {
  const { names } = factsOf(error);
  const known = names.map((name) => REASONS[name]).find((reason) => reason !== undefined);
  if (known) return known;
  const cause = names.includes("DatabaseUnavailable") ? causeOf(error) : undefined;
  return cause ? `the database does not answer: ${cause.what}` : "the database does not answer";
}
