import type { LivingValues } from "../../engine/sessions/living/store.ts";
import type { BoundedEffect, PolicyPreview } from "../contract/policies.ts";
import { type LivingContext, livingIn } from "../search-context.ts";
import { createPreviewStore } from "./preview-store.ts";
import { type PolicyJson, type Questions, toPolicyJson } from "./tasks.ts";
import type { PolicyWork } from "./work.ts";

export interface EffectContext extends LivingContext {
  work: PolicyWork;
}

const NO_EFFECT: BoundedEffect = { count: 0, lookedAt: 0, isComplete: true };
/** How many sessions a preview checks: enough to show the effect, few enough to run while someone types. */
const MAX_LOOKED_AT = 50_000;
const MAX_ADDRESSES = 10_000;

/** What this text would change, and which living sessions it would end or refuse. */
export async function previewOf(text: string, context: EffectContext): Promise<PolicyPreview> {
  const { boundedDb, policies, work } = context;
  const before = toPolicyJson(policies.config());
  const { questions, ...preview } = await work.run("preview", { text, before });
  if (!questions) return { ...preview, ends: NO_EFFECT, refuses: NO_EFFECT };
  const living = await livingIn(context);
  const previews = createPreviewStore(boundedDb);
  const ended = await previews.ended(MAX_LOOKED_AT + 1, questions.tags, living, questions.living);
  const refuses = await refusedBy(text, before, questions, living, context);
  return { ...preview, ends: effect(ended, MAX_LOOKED_AT), refuses };
}

async function refusedBy(
  text: string,
  before: PolicyJson,
  { addressTags, tags }: Questions,
  living: LivingValues,
  { boundedDb, work }: EffectContext,
): Promise<BoundedEffect> {
  if (!addressTags) return NO_EFFECT;
  const { lookedAt, rows } = await createPreviewStore(boundedDb).addresses(
    MAX_ADDRESSES + 1,
    tags,
    living,
    addressTags,
  );
  const count = await work.run("refused", { text, before, tags: addressTags, rows });
  return effect({ lookedAt, count }, MAX_ADDRESSES);
}

function effect({ lookedAt, count }: { lookedAt: number; count: number }, most: number): BoundedEffect {
  return { count, lookedAt: Math.min(lookedAt, most), isComplete: lookedAt <= most };
}
