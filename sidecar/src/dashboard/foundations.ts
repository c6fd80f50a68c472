import type { Logger } from "pino";
import type { CleanUp } from "../engine/clean-up.ts";
import { isDashboardForThisMachine, type Settings } from "../engine/config/env.ts";
import type { Database } from "../engine/db/database.ts";
import type { ObserveJob } from "../engine/observe-job.ts";
import { type Counters, createCounters } from "./overview/counters.ts";
import { createJobObserver } from "./overview/jobs.ts";
import { createOverviewStore } from "./overview/store.ts";
import { type FollowedEdits, followEdits } from "./policies/edits.ts";
import { createPolicyStore } from "./policies/store.ts";
import { ensureOwner, type FirstPassword } from "./users/owner.ts";

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
  const password = await ensureOwner(db, settings, isDashboardForThisMachine(settings));
  if (password) reportOwner(password, settings.initialOwnerUsername, log);
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

function reportOwner(password: FirstPassword, username: string | undefined, log: Logger): void {
  if (password.from === "nowhere") {
    const { path, error } = password;
    log.warn(
      { username, path, err: error },
      "the dashboard has an owner whose password nobody knows, since its file cannot be written: make one with byo owner reset",
    );
    return;
  }
  const path = password.from === "file" ? password.path : undefined;
  const where = path === undefined ? "" : " that is in this file";
  log.info(
    { username, path },
    `the owner of the dashboard has a temporary password${where}, for an hour; then: byo owner reset`,
  );
}
