import type { Queryable, Statement } from "../../engine/db/database.ts";
import type { PolicyChange } from "../contract/policies.ts";
import type { PolicyDocument } from "./document.ts";

export interface RevisionRow {
  revision: number;
  patch: PolicyDocument;
  author: string;
  createdAt: number;
  comment: string | null;
  rollbackOf: number | null;
  changes: PolicyChange[];
}

/** A revision in a page of them. */
export type ListedRevisionRow = Omit<RevisionRow, "patch" | "changes"> & { changes: PolicyChange[] | null };

export interface FullRevisionRow extends RevisionRow {
  textBefore: string;
  textAfter: string;
}

const LISTED = `revision, author, floor(date_part('epoch', created_at)) AS "createdAt", comment, rollback_of AS "rollbackOf"`;
const COLUMNS = `${LISTED}, patch, changes`;
/** Each of the fifty edits of a page can have changed a long policy completely. */
const SHORT_CHANGES = "CASE WHEN length(changes::text) <= 16000 THEN changes END AS changes";
const TEXTS = `text_before AS "textBefore", text_after AS "textAfter"`;

const NEWEST_NUMBER: Statement = {
  name: "policy-revision-newest-number",
  text: "SELECT coalesce(max(revision), 0) AS revision FROM byo.policy_revisions",
};
const NEWEST: Statement = {
  name: "policy-revision-newest",
  text: `SELECT ${COLUMNS}, ${TEXTS} FROM byo.policy_revisions ORDER BY revision DESC LIMIT 1`,
};
const READ: Statement = {
  name: "policy-revision",
  text: `SELECT ${COLUMNS}, ${TEXTS} FROM byo.policy_revisions WHERE revision = $1`,
};
const PAGE: Statement = {
  name: "policy-revisions",
  text: `SELECT ${LISTED}, ${SHORT_CHANGES} FROM byo.policy_revisions WHERE $1::integer IS NULL OR revision < $1::integer
    ORDER BY revision DESC LIMIT $2`,
};
// Two editors of one revision insert the same number: the primary key lets only one win.
const INSERT: Statement = {
  name: "policy-revision-insert",
  text: `INSERT INTO byo.policy_revisions (revision, patch, author, comment, rollback_of, changes, text_before, text_after)
    SELECT $1::integer, $2::jsonb, $3, $4, $5::integer, $6::jsonb, $7, $8
    WHERE $1::integer = 1 + coalesce((SELECT max(revision) FROM byo.policy_revisions), 0)
    ON CONFLICT (revision) DO NOTHING RETURNING revision`,
};

export interface PolicyStore {
  /** 0: nothing has been edited yet. */
  newestNumber(): Promise<number>;
  newest(): Promise<FullRevisionRow | undefined>;
  read(revision: number): Promise<FullRevisionRow | undefined>;
  /** Long changes are left out. */
  page(before: number | undefined, limit: number): Promise<ListedRevisionRow[]>;
  /** False if the number is taken. */
  insert(revision: Omit<FullRevisionRow, "createdAt">): Promise<boolean>;
}

export function createPolicyStore(db: Queryable): PolicyStore {
  return {
    newestNumber: async () => (await db.query<{ revision: number }>(NEWEST_NUMBER))[0]?.revision ?? 0,
    newest: async () => (await db.query<FullRevisionRow>(NEWEST))[0],
    read: async (revision) => (await db.query<FullRevisionRow>(READ, [revision]))[0],
    page: (before, limit) => db.query<ListedRevisionRow>(PAGE, [before ?? null, limit]),
    async insert(row) {
      const { revision, patch, author, comment, rollbackOf, changes, textBefore, textAfter } = row;
      const json = [JSON.stringify(patch), JSON.stringify(changes)];
      const values = [revision, json[0], author, comment, rollbackOf, json[1], textBefore, textAfter];
      return (await db.query(INSERT, values)).length > 0;
    },
  };
}
