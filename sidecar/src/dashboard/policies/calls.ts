import { z } from "zod";
import { isTag } from "../../engine/policy/tags.ts";
import type { LivingValues } from "../../engine/sessions/living/store.ts";
import { call, EDITORS, EVERYBODY } from "../call.ts";
import type {
  BoundedEffect,
  CurrentPolicies,
  Explanation,
  PolicyCheck,
  PolicyPreview,
  RevisionDetail,
  RevisionPage,
  RevisionSummary,
} from "../contract/policies.ts";
import type { FileDownload } from "../export.ts";
import { fromQuery, nothing, revision, storedText, tags } from "../fields.ts";
import { invalidField, notFound } from "../refusal.ts";
import { type LivingContext, livingIn } from "../search-context.ts";
import { toDocument, toText } from "./document.ts";
import { createPreviewStore } from "./preview-store.ts";
import { currentPolicies, type PolicyDependencies, saveEdit } from "./save.ts";
import { createPolicyStore, type ListedRevisionRow } from "./store.ts";
import { type PolicyJson, type Questions, toPolicyJson } from "./tasks.ts";

export interface PolicyContext extends PolicyDependencies, LivingContext {}

const PAGE_SIZE = 50;
const NO_EFFECT: BoundedEffect = { count: 0, lookedAt: 0, isComplete: true };
/** How many sessions a preview checks: enough to show the effect, few enough to run while someone types. */
const MAX_LOOKED_AT = 50_000;
const MAX_ADDRESSES = 10_000;
const MAX_POLICY_CHARS = 200_000;

const policyText = z
  .string({ error: "expected the text of a policy" })
  .max(MAX_POLICY_CHARS, { error: `expected at most ${MAX_POLICY_CHARS} characters` });

/** The policies: what is in force, what an edit would do, and the edits. */
export const POLICY_CALLS = {
  "policies/current": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, _caller, context: PolicyContext): Promise<CurrentPolicies> {
      await context.edits?.refresh();
      return currentPolicies(context);
    },
  }),

  /** Called while a person types. */
  "policies/check": call({
    method: "POST",
    access: EVERYBODY,
    takesPolicy: true,
    input: z.strictObject({ text: policyText }),
    handler: ({ text }, _caller, { work }: PolicyContext): Promise<PolicyCheck> => work.run("check", { text }),
  }),

  /** What would apply to a session with these tags. Without `text`: under the policy in force. */
  "policies/explain": call({
    method: "POST",
    access: EVERYBODY,
    takesPolicy: true,
    input: z.strictObject({ tags, text: policyText.optional() }),
    async handler({ tags, text }, _caller, { policies, file, work }: PolicyContext): Promise<Explanation> {
      const wrong = tags.find((tag) => !isTag(tag));
      if (wrong !== undefined)
        throw invalidField("tags", `"${wrong}" is not a tag: expected a type, a colon and a value`);
      const policy = text === undefined ? toPolicyJson(policies.config()) : { text };
      return { settings: await work.run("explain", { policy, file: toPolicyJson(file()), tags }) };
    },
  }),

  "policies/preview": call({
    method: "POST",
    access: EVERYBODY,
    takesPolicy: true,
    input: z.strictObject({ text: policyText }),
    async handler({ text }, _caller, context: PolicyContext): Promise<PolicyPreview> {
      const { boundedDb, policies, work } = context;
      const before = toPolicyJson(policies.config());
      const { questions, ...preview } = await work.run("preview", { text, before });
      if (!questions) return { ...preview, ends: NO_EFFECT, refuses: NO_EFFECT };
      const living = await livingIn(context);
      const previews = createPreviewStore(boundedDb);
      const ended = await previews.ended(MAX_LOOKED_AT + 1, questions.tags, living, questions.living);
      const refuses = await refusedBy(text, before, questions, living, context);
      return { ...preview, ends: effect(ended, MAX_LOOKED_AT), refuses };
    },
  }),

  "policies/save": call({
    method: "POST",
    access: EDITORS,
    password: "sometimes",
    takesPolicy: true,
    input: z.strictObject({
      text: policyText,
      /** The revision that the edit started from. If there is a newer one: `Conflict` with the policy in force. */
      expectedRevision: revision,
      comment: storedText(500).optional(),
    }),
    async handler({ text, expectedRevision, comment }, caller, context: PolicyContext): Promise<CurrentPolicies> {
      const policy = await context.work.run("read", { text });
      return saveEdit(context, { policy, expectedRevision, comment }, caller);
    },
  }),

  /** Newest first. */
  "policies/revisions": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ before: fromQuery(revision).optional() }),
    async handler({ before }, _caller, { boundedDb }: PolicyContext): Promise<RevisionPage> {
      const rows = await createPolicyStore(boundedDb).page(before, PAGE_SIZE + 1);
      const items = rows.slice(0, PAGE_SIZE);
      return { items: items.map(summaryOf), next: rows.length > PAGE_SIZE ? (items.at(-1)?.revision ?? null) : null };
    },
  }),

  "policies/revision": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ revision: fromQuery(revision) }),
    async handler({ revision }, _caller, { boundedDb }: PolicyContext): Promise<RevisionDetail> {
      const row = await createPolicyStore(boundedDb).read(revision);
      if (!row) throw notFound("There is no such revision.");
      return { ...summaryOf(row), textBefore: row.textBefore, textAfter: row.textAfter };
    },
  }),

  /** Revision 0 is the file alone. */
  "policies/rollback": call({
    method: "POST",
    access: EDITORS,
    password: "sometimes",
    input: z.strictObject({ revision, expectedRevision: revision }),
    async handler({ revision, expectedRevision }, caller, context: PolicyContext): Promise<CurrentPolicies> {
      const row = revision === 0 ? undefined : await createPolicyStore(context.boundedDb).read(revision);
      if (revision !== 0 && !row) throw notFound("There is no such revision.");
      const file = toPolicyJson(context.file());
      // The revision's difference, applied to the current file: later changes of the file to other settings stay in
      // force.
      const policy = row ? await context.work.run("edited", { file, patch: row.patch }) : file;
      return saveEdit(context, { policy, expectedRevision, rollbackOf: revision }, caller);
    },
  }),

  /** The policy in force, as `session_config.jsonc`. */
  "policies/export": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, _caller, { policies }: PolicyContext): Promise<FileDownload> {
      return {
        filename: "session_config.jsonc",
        contentType: "application/json; charset=utf-8",
        content: toText(toDocument(policies.config())),
      };
    },
  }),
};

async function refusedBy(
  text: string,
  before: PolicyJson,
  { addressTags, tags }: Questions,
  living: LivingValues,
  { boundedDb, work }: PolicyContext,
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

function summaryOf(row: ListedRevisionRow): RevisionSummary {
  const { revision, author, createdAt, comment, rollbackOf, changes } = row;
  return { revision, author, createdAt, comment, rollbackOf, changes };
}
