import { z } from "zod";
import { isTag } from "../../engine/policy/tags.ts";
import { call, EDITORS, EVERYBODY } from "../call.ts";
import type {
  CurrentPolicies,
  Explanation,
  PolicyCheck,
  PolicyPreview,
  RevisionDetail,
  RevisionPage,
  RevisionSummary,
} from "../contract/policies.ts";
import type { FileDownload } from "../export.ts";
import { confirmedCount, fromQuery, nothing, revision, storedText, tags } from "../fields.ts";
import { invalidField, notFound } from "../refusal.ts";
import { toDocument, toText } from "./document.ts";
import { previewOf } from "./effects.ts";
import { currentPolicies, type PolicyDependencies, saveEdit } from "./save.ts";
import { createPolicyStore, type ListedRevisionRow } from "./store.ts";
import { type PolicyJson, toPolicyJson } from "./tasks.ts";

export type PolicyContext = PolicyDependencies;

const PAGE_SIZE = 50;
const MAX_POLICY_CHARS = 200_000;

const policyText = z
  .string({ error: "expected the text of a policy" })
  .max(MAX_POLICY_CHARS, { error: `expected at most ${MAX_POLICY_CHARS} characters` });

/** How many sessions the preview said would end or be refused. Default: none. Refused if they are now clearly more. */
const confirmed = confirmedCount.optional();

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
    handler: ({ text }, _caller, context: PolicyContext): Promise<PolicyPreview> => previewOf(text, context),
  }),

  /** What `policies/rollback` would do. */
  "policies/preview-rollback": call({
    method: "POST",
    access: EVERYBODY,
    input: z.strictObject({ revision }),
    async handler({ revision }, _caller, context: PolicyContext): Promise<PolicyPreview> {
      const policy = await policyOfRevision(revision, context);
      return previewOf(await context.work.run("text", { policy }), context);
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
      confirmed,
    }),
    async handler({ text, ...edit }, caller, context: PolicyContext): Promise<CurrentPolicies> {
      const policy = await context.work.run("read", { text });
      return saveEdit(context, { policy, ...edit }, caller);
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
    input: z.strictObject({ revision, expectedRevision: revision, confirmed }),
    async handler({ revision, ...edit }, caller, context: PolicyContext): Promise<CurrentPolicies> {
      const policy = await policyOfRevision(revision, context);
      return saveEdit(context, { policy, ...edit, rollbackOf: revision }, caller);
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

/**
 * The revision's difference, applied to the current file: later changes of the file to other settings stay in force.
 * Revision 0 is the file alone.
 */
async function policyOfRevision(revision: number, { boundedDb, file, work }: PolicyContext): Promise<PolicyJson> {
  if (revision === 0) return toPolicyJson(file());
  const row = await createPolicyStore(boundedDb).read(revision);
  if (!row) throw notFound("There is no such revision.");
  return work.run("edited", { file: toPolicyJson(file()), patch: row.patch });
}

function summaryOf(row: ListedRevisionRow): RevisionSummary {
  const { revision, author, createdAt, comment, rollbackOf, changes } = row;
  return { revision, author, createdAt, comment, rollbackOf, changes };
}
