import type { Logger } from "pino";
import type { CleanUp } from "../engine/clean-up.ts";
import { isDashboardForThisMachine } from "../engine/config/env.ts";
import type { Settings } from "../engine/config/settings.ts";
import type { Database } from "../engine/db/database.ts";
import type { CollectionStep } from "../engine/garbage-collection/step.ts";
import type { ObserveJob } from "../engine/observe-job.ts";
import { MAINTENANCE_STEPS } from "./maintenance.ts";
import { type Counters, createCounters } from "./overview/counters.ts";
import { createJobObserver } from "./overview/jobs.ts";
import { createOverviewStore } from "./overview/store.ts";
import { type FollowedEdits, followEdits } from "./policies/edits.ts";
import { createPolicyStore } from "./policies/store.ts";
import { ensureOwner, type FirstPassword } from "./users/owner.ts";

/** What the sidecar's services need from the dashboard, even on a replica that does not serve it. */
export interface DashboardFoundations {
  /** Undefined: only the file applies. */
  edits: FollowedEdits | undefined;
  counters: Counters;
  observe: ObserveJob;
  /** What the collection deletes for the dashboard. */
  maintenance: readonly CollectionStep[];
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
  const password = await ensureOwner(db, settings, isDashboardForThisMachine(settings));
  if (password) reportOwner(password, settings.initialOwnerUsername, log);
  const edits = settings.policyEdits ? await followEdits(db, log) : undefined;
  if (edits) cleanUp.push(() => edits.close());
  else if ((await createPolicyStore(db).newestNumber()) > 0) {
    log.warn("DASHBOARD_POLICY_EDITS is off: this replica ignores policy edits from the dashboard");
  }
  const store = createOverviewStore(db);
  const counters = createCounters(store.add, (error) =>
    log.warn({ err: error }, "counts could not be written; they are kept for the next try"),
  );
  cleanUp.push(() => counters.close());
  return { edits, counters, observe: createJobObserver(store), maintenance: MAINTENANCE_STEPS };
}

function reportOwner(password: FirstPassword, username: string | undefined, log: Logger): void {
  if (password.from === "nowhere") {
    const { path, error } = password;
    log.warn(
      { username, path, err: error },
      "the password of the dashboard's owner could not be written to its file: run byo owner reset to get a new one",
    );
    return;
  }
  const path = password.from === "file" ? password.path : undefined;
  const where = path === undefined ? "" : ", which is in this file";
  log.info(
    { username, path },
    `the owner of the dashboard has a temporary password${where}; it expires in an hour, then run: byo owner reset`,
  );
}
