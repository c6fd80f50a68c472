import type { Database } from "../../engine/db/database.ts";
import { createSnapshot } from "../../engine/keys/snapshot.ts";
import type { LivePolicies } from "../../engine/policy/live-policies.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import { livingValues } from "../../engine/sessions/living/living.ts";
import { createOverviewStore, type TopTagRow } from "./store.ts";

const MAX_COUNTED = 1_000_000;
/** Counting a million rows takes a tenth of a second, so all viewers share one count. */
const MAX_AGE_MS = 10_000;
const TAGS_OF_SESSIONS = 10_000;
const TOP_TAGS = 20;

/** Counts of the active sessions, a few seconds old at most. */
export interface SharedCounts {
  active(): Promise<number>;
  topTags(): Promise<readonly TopTagRow[]>;
}

export function createSharedCounts(
  db: Database,
  sessions: { policies: Pick<LivePolicies, "current">; activity: Pick<ActivityWriter, "settle" | "hasNoted"> },
): SharedCounts {
  const store = createOverviewStore(db);
  const living = () => livingValues(db, sessions);
  const shared = <T>(read: () => Promise<T>) =>
    createSnapshot({ read, maxAgeMs: MAX_AGE_MS, nowMs: () => performance.now() });
  return {
    active: shared(async () => store.active(await living(), MAX_COUNTED)),
    topTags: shared(async () => store.topTags(await living(), TAGS_OF_SESSIONS, TOP_TAGS)),
  };
}
