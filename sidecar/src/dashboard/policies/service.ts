import type { Database } from "../../db/database.ts";
import { createPolicyBook } from "../../policy/policy.ts";
import { isTag } from "../../policy/tags.ts";
import type { KnownCaller } from "../caller.ts";
import type { RevisionSummary } from "../contract/policies.ts";
import type { Handlers } from "../handlers.ts";
import { invalidField, notFound } from "../refusal.ts";
import { changesBetween, toDocument, toText } from "./document.ts";
import { withEdits } from "./edits.ts";
import { explainPolicy } from "./explain.ts";
import { looseningOf } from "./loosening.ts";
import { endedBy, refusedBy } from "./preview.ts";
import { checkText, readText } from "./problems.ts";
import { currentPolicies, type PolicyDependencies, saveEdit } from "./save.ts";
import { createPolicyStore, type RevisionRow } from "./store.ts";

const PAGE_SIZE = 50;
const NO_EFFECT = { count: 0, lookedAt: 0, isComplete: true };

/** The policies: what holds, what an edit would do, and edits. */
export function createPolicyCalls(deps: PolicyDependencies & { db: Database }): Handlers<"policies"> {
  const { db, policies, edits } = deps;
  const store = createPolicyStore(db);

  return {
    async "policies/current"() {
      await edits?.refresh();
      return currentPolicies(deps);
    },

    async "policies/check"({ text }) {
      const { isValid, problems, warnings } = checkText(text);
      return { isValid, problems, warnings };
    },

    async "policies/explain"({ tags, text }) {
      const wrong = tags.find((tag) => !isTag(tag));
      if (wrong !== undefined) throw invalidField("tags", `"${wrong}" is no tag: expected a type, a colon and a value`);
      const config = text === undefined ? policies.config() : readText(text);
      return { settings: explainPolicy(config, deps.file(), tags) };
    },

    async "policies/preview"({ text }) {
      const { config, ...check } = checkText(text);
      if (!config) return { ...check, changes: [], loosens: [], ends: NO_EFFECT, refuses: NO_EFFECT };
      const before = policies.config();
      const [old, now] = [createPolicyBook(before), createPolicyBook(config)];
      const changes = changesBetween(toDocument(before), toDocument(config));
      const [ends, refuses] = await Promise.all([endedBy(db, old, now, changes), refusedBy(db, old, now, changes)]);
      return { ...check, changes, loosens: looseningOf(before, config), ends, refuses };
    },

    async "policies/save"({ text, expectedRevision, comment }, caller: KnownCaller) {
      return saveEdit(deps, { config: readText(text), expectedRevision, comment }, caller);
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
      // Its difference over the file of today: what the file says since then about other settings goes on to hold.
      const config = row ? withEdits(deps.file(), row.patch) : deps.file();
      return saveEdit(deps, { config, expectedRevision, rollbackOf: revision }, caller);
    },

    async "policies/export"() {
      return {
        filename: "session_config.jsonc",
        contentType: "application/json; charset=utf-8",
        content: toText(toDocument(policies.config())),
      };
    },
  };
}

function summaryOf({ patch: _, ...row }: RevisionRow): RevisionSummary {
  const { revision, author, createdAt, comment, rollbackOf, changes } = row;
  return { revision, author, createdAt, comment, rollbackOf, changes };
}
