import { setTimeout as sleep } from "node:timers/promises";
import { mayPass } from "../causes/explain.ts";
import { type Database, DatabaseUnavailable } from "./database.ts";
import { probe } from "./installation.ts";

export interface WaitOptions {
  waitSecs: number;
  log?: { info(details: object, message: string): void };
  signal?: AbortSignal;
}

const RETRY_MS = 1000;

/**
 * Waits for a database that may still be starting, as when everything starts together. What waiting does not change, such
 * as a wrong password, fails at once.
 */
export async function untilItAnswers(db: Database, { waitSecs, log, signal }: WaitOptions): Promise<void> {
  const endMs = performance.now() + waitSecs * 1000;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await probe(db);
    } catch (error) {
      const isWorthWaiting = error instanceof DatabaseUnavailable && mayPass(error);
      if (!isWorthWaiting || performance.now() + RETRY_MS > endMs) throw error;
      if (isFirst) log?.info({ waitSecs, err: error }, "the database does not accept connections yet; waiting for it");
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}
