import type { BoundedCount } from "../contract/sessions.ts";
import { type LivingContext, livingIn } from "../search-context.ts";
import type { ParsedFilter } from "./filter-store.ts";
import { createSearchStore } from "./store.ts";

/** Counting stops here: a person needs to know "many", not exactly how many. */
const MAX_COUNTED = 10_000;

export async function countSessions(filter: ParsedFilter, context: LivingContext): Promise<BoundedCount> {
  const living = await livingIn(context);
  const count = await createSearchStore(context.boundedDb).count(filter, living, MAX_COUNTED + 1);
  return { count: Math.min(count, MAX_COUNTED), isCapped: count > MAX_COUNTED };
}
