import { createSnapshot } from "../../engine/keys/snapshot.ts";
import { type LivingContext, livingIn } from "../search-context.ts";
import { createOverviewStore, type TopTagRow } from "./store.ts";

const MAX_COUNTED = 1_000_000;
/** Counting a million rows takes a tenth of a second, so all viewers share one count. */
const MAX_AGE_MS = 10_000;
const TAGS_OF_SESSIONS = 10_000;
const TOP_TAGS = 20;

/** Counts of the active sessions, by default a few seconds old at most. */
export interface SharedCounts {
  active(): Promise<number>;
  topTags(): Promise<readonly TopTagRow[]>;
}

export function createSharedCounts(context: LivingContext, maxAgeMs = MAX_AGE_MS): SharedCounts {
  const store = createOverviewStore(context.boundedDb);
  const shared = <T>(read: () => Promise<T>) => createSnapshot({ read, maxAgeMs, nowMs: () => performance.now() });
  return {
    active: shared(async () => store.active(await livingIn(context), MAX_COUNTED)),
    topTags: shared(async () => store.topTags(await livingIn(context), TAGS_OF_SESSIONS, TOP_TAGS)),
  };
}
