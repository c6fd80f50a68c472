import type { Logger } from "pino";
import type { CleanUp } from "../clean-up.ts";
import { isLoopback, type Settings } from "../config/env.ts";
import type { Database } from "../db/database.ts";
import { type Counters, createCounters } from "./overview/counters.ts";
import { createJobObserver, type ObserveJob } from "./overview/jobs.ts";
import { createOverviewStore } from "./overview/store.ts";
import { type FollowedEdits, followEdits } from "./policies/edits.ts";
import { createPolicyStore } from "./policies/store.ts";
import { ensureOwner } from "./users/owner.ts";

/** What the services of the sidecar need of the dashboard, also on a replica that shows none. */
export interface DashboardFoundations {
  /** Undefined: the file alone holds. */
  edits: FollowedEdits | undefined;
  counters: Counters;
  observe: ObserveJob;
}

interface FoundationsDependencies {
  db: Database;
  settings: Settings;
  log: Logger;
  cleanUp: CleanUp;
}

export async function layFoundations({
  db,
  settings,
  log,
  cleanUp,
}: FoundationsDependencies): Promise<DashboardFoundations> {
  if (await ensureOwner(db, settings)) {
    const name = settings.initialOwnerUsername;
    log.info(
      { username: name },
      "the owner of the dashboard has a temporary password, for an hour; then: byo owner reset",
    );
    if (!settings.initialOwnerPassword && !isLoopback(settings.host)) {
      log.warn(
        "the owner's temporary password is the built-in one, which everybody knows: log in at once, or set INITIAL_OWNER_PASSWORD",
      );
    }
  }
  const edits = settings.policyEdits ? await followEdits(db, log) : undefined;
  if (edits) cleanUp.push(() => edits.close());
  else if ((await createPolicyStore(db).newestNumber()) > 0) {
    log.warn("DASHBOARD_POLICY_EDITS is off: edits of the policy that were made in the dashboard do not hold here");
  }
  const store = createOverviewStore(db);
  const counters = createCounters(store.add, (error) =>
    log.warn({ err: error }, "counts were not written; they are kept"),
  );
  cleanUp.push(() => counters.close());
  return { edits, counters, observe: createJobObserver(store) };
}
