import type { CollectionStep } from "../engine/garbage-collection/step.ts";
import { createOverviewStore } from "./overview/store.ts";
import { createLoginStore } from "./users/login-store.ts";

/** How long ended logins are kept, so that a person's earlier addresses count as known at the next login. */
const LOGINS_KEPT_SECS = 90 * 86_400;

/** What the collection deletes that the dashboard no longer needs. */
export const MAINTENANCE_STEPS: readonly CollectionStep[] = [
  {
    name: "delete_dashboard_logins",
    batch: ({ tx, from, size }) => createLoginStore(tx).deleteOlderThan(LOGINS_KEPT_SECS, from, size),
  },
  { name: "delete_chart_counters", batch: ({ tx, from, size }) => createOverviewStore(tx).forgetCounters(from, size) },
  { name: "forget_replicas", batch: ({ tx, from, size }) => createOverviewStore(tx).forgetReplicas(from, size) },
];
