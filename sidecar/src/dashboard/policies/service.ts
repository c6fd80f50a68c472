import type { Database } from "../../engine/db/database.ts";
import { isTag } from "../../engine/policy/tags.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import { livingValues } from "../../engine/sessions/living/living.ts";
import type { LivingValues } from "../../engine/sessions/living/store.ts";
import type { KnownCaller } from "../caller.ts";
import type { BoundedEffect, RevisionSummary } from "../contract/policies.ts";
import type { Handlers } from "../handlers.ts";
import { invalidField, notFound } from "../refusal.ts";
import { toDocument, toText } from "./document.ts";
import { createPreviewStore } from "./preview-store.ts";
import { currentPolicies, type PolicyDependencies, saveEdit } from "./save.ts";
import { createPolicyStore, type ListedRevisionRow } from "./store.ts";
import { type PolicyJson, type Questions, toPolicyJson } from "./tasks.ts";

const PAGE_SIZE = 50;
const NO_EFFECT: BoundedEffect = { count: 0, lookedAt: 0, isComplete: true };
/** How many sessions a preview checks: enough to show the effect, few enough to run while someone types. */
const MAX_LOOKED_AT = 50_000;
const MAX_ADDRESSES = 10_000;

interface PolicyCallDependencies extends PolicyDependencies {
  db: Database;
  activity: Pick<ActivityWriter, "settle" | "hasNoted">;
}

/** The policies: what is in force, what an edit would do, and the edits. */
export function createPolicyCalls(deps: PolicyCallDependencies): Handlers<"policies"> {
  const { db, policies, edits, work } = deps;
  const store = createPolicyStore(db);
  const previews = createPreviewStore(db);
  const now = () => toPolicyJson(policies.config());
  const file = () => toPolicyJson(deps.file());

  return {
    async "policies/current"() {
      await edits?.refresh();
      return currentPolicies(deps);
    },

    "policies/check": ({ text }) => work.run("check", { text }),

    async "policies/explain"({ tags, text }) {
      const wrong = tags.find((tag) => !isTag(tag));
      if (wrong !== undefined)
        throw invalidField("tags", `"${wrong}" is not a tag: expected a type, a colon and a value`);
      const policy = text === undefined ? now() : { text };
      return { settings: await work.run("explain", { policy, file: file(), tags }) };
    },

    async "policies/preview"({ text }) {
      const before = now();
      const { questions, ...preview } = await work.run("preview", { text, before });
      if (!questions) return { ...preview, ends: NO_EFFECT, refuses: NO_EFFECT };
      const living = await livingValues(db, deps);
      const ended = await previews.ended(MAX_LOOKED_AT + 1, questions.tags, living, questions.living);
      const refuses = await refusedBy(text, before, questions, living);
      return { ...preview, ends: effect(ended, MAX_LOOKED_AT), refuses };
    },

    async "policies/save"({ text, expectedRevision, comment }, caller: KnownCaller) {
      return saveEdit(deps, { policy: await work.run("read", { text }), expectedRevision, comment }, caller);
    },

    async "policies/revisions"({ before }) {
      const rows = await store.page(before, PAGE_SIZE + 1);
      const items = rows.slice(0, PAGE_SIZE);
      return { items: items.map(summaryOf), next: rows.length > PAGE_SIZE ? (items.at(-1)?.revision ?? null) : null };
    },

    async "policies/revision"({ revision }) {
      const row = await store.read(revision);
      if (!row) throw notFound("There is no such revision.");
      return { ...summaryOf(row), textBefore: row.textBefore, textAfter: row.textAfter };
    },

    async "policies/rollback"({ revision, expectedRevision }, caller: KnownCaller) {
      const row = revision === 0 ? undefined : await store.read(revision);
      if (revision !== 0 && !row) throw notFound("There is no such revision.");
      // The revision's difference, applied to the current file: later changes of the file to other settings stay in
      // force.
      const policy = row ? await work.run("edited", { file: file(), patch: row.patch }) : file();
      return saveEdit(deps, { policy, expectedRevision, rollbackOf: revision }, caller);
    },

    async "policies/export"() {
      return {
        filename: "session_config.jsonc",
        contentType: "application/json; charset=utf-8",
        content: toText(toDocument(policies.config())),
      };
    },
  };

  async function refusedBy(
    text: string,
    before: PolicyJson,
    { addressTags, tags }: Questions,
    living: LivingValues,
  ): Promise<BoundedEffect> {
    if (!addressTags) return NO_EFFECT;
    const { lookedAt, rows } = await previews.addresses(MAX_ADDRESSES + 1, tags, living, addressTags);
    const count = await work.run("refused", { text, before, tags: addressTags, rows });
    return effect({ lookedAt, count }, MAX_ADDRESSES);
  }
}

function effect({ lookedAt, count }: { lookedAt: number; count: number }, most: number): BoundedEffect {
  return { count, lookedAt: Math.min(lookedAt, most), isComplete: lookedAt <= most };
}

function summaryOf(row: ListedRevisionRow): RevisionSummary {
  const { revision, author, createdAt, comment, rollbackOf, changes } = row;
  return { revision, author, createdAt, comment, rollbackOf, changes };
}
