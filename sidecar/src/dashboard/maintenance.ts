import type { Database } from "../engine/db/database.ts";
import type { ObserveJob } from "../engine/observe-job.ts";
import { createBulkEndStore } from "./bulk-ends/store.ts";
import { createOverviewStore } from "./overview/store.ts";
import { createLoginStore } from "./users/login-store.ts";

const INTERVAL_MS = 10 * 60_000;
/** How long ended logins are kept, so that a person's earlier addresses count as known at the next login. */
const LOGINS_KEPT_SECS = 90 * 86_400;
const BATCH = 1000;

/** Deletes what the dashboard no longer needs. Any number of replicas may do it at once. */
export function startMaintenance(
  db: Database,
  { observe, onError }: { observe: ObserveJob; onError: (error: unknown) => void },
): () => Promise<void> {
  const logins = createLoginStore(db);
  let running: Promise<unknown> = Promise.resolve();

  async function round(): Promise<void> {
    while ((await logins.deleteOlderThan(LOGINS_KEPT_SECS, BATCH)) === BATCH) {}
    await createOverviewStore(db).forgetOld();
    await createBulkEndStore(db).deleteOld();
  }

  const timer = setInterval(() => {
    running = observe("dashboard_maintenance", round).catch(onError);
  }, INTERVAL_MS).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
