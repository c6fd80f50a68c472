import type { CollectionStep } from "../garbage-collection/step.ts";
import type { PolicyBook } from "../policy/policy.ts";
import { endedEvent } from "./events.ts";
import { createImpersonationStore } from "./store.ts";

/** What the collection does with impersonations. `durationSecs`: how long one lasts now. */
export function impersonationSteps(
  durationSecs: () => number,
  policies: () => Pick<PolicyBook, "ended_session_retention_secs">,
): CollectionStep[] {
  return [
    {
      name: "mark_lapsed_impersonations",
      async batch({ tx, record, size }) {
        const lapsed = await createImpersonationStore(tx, durationSecs()).markLapsed(size);
        for (const row of lapsed) record(endedEvent(row, row.endReason ?? "Expired", { actor: "system" }));
        // The marked ones are not found again, so each batch begins at the first.
        return { count: lapsed.length, next: lapsed.length < size ? null : "first" };
      },
    },
    {
      name: "delete_ended_impersonations",
      batch: ({ tx, from, size }) =>
        createImpersonationStore(tx, durationSecs()).deleteEnded(policies().ended_session_retention_secs, from, size),
    },
  ];
}
