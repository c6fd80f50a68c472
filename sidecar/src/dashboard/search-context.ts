import type { Database } from "../engine/db/database.ts";
import type { LivePolicies } from "../engine/policy/live-policies.ts";
import type { ActivityWriter } from "../engine/sessions/activity/writer.ts";
import { livingValues } from "../engine/sessions/living/living.ts";
import type { LivingValues } from "../engine/sessions/living/store.ts";

/** What calls that search need. */
export interface SearchContext {
  /** The database, by the few connections that all searches share. */
  boundedDb: Database;
}

/** What calls that search living sessions need. */
export interface LivingContext extends SearchContext {
  policies: LivePolicies;
  activity: Pick<ActivityWriter, "settle" | "hasNoted">;
}

/** The values for conditions on living sessions. */
export function livingIn(context: LivingContext): Promise<LivingValues> {
  return livingValues(context.boundedDb, context);
}
