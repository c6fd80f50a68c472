import type { BoundedCount, PolicySetting } from "./sessions.ts";

/** A policy document is the text of `session_config.jsonc`: people edit all of it, the server stores the difference. */
export interface CurrentPolicies {
  /** The policy in force, the file with the edits over it, as text for the editor. */
  text: string;
  /** The file of this replica, completed with built-in values. */
  fileText: string;
  /** The revision of the edits. 0: only the file applies. */
  revision: number;
  author: string | null;
  editedAt: number | null;
  /** Each setting that an edit has changed. */
  overlay: PolicyChange[];
  /** Off: the file is the only source. */
  edits: boolean;
}

/** One setting that differs between two documents. */
export interface PolicyChange {
  /** `defaults`, a tag, or `` for the settings of the whole document. */
  layer: string;
  setting: string;
  /** Null: not set there. */
  before: unknown;
  after: unknown;
  /**
   * What applied, or applies, where nothing is set: the value of the defaults, or the built-in one. Missing if it is set, or
   * in a revision of before this was kept.
   */
  beforeInForce?: unknown;
  afterInForce?: unknown;
}

export interface PolicyProblem {
  /** 1 for the first line; null if the problem has no line. */
  line: number | null;
  /** Where in the document: `defaults`, a tag, or `` for the settings of the whole document. Null: it is about no setting. */
  layer: string | null;
  setting: string | null;
  message: string;
}

export interface PolicyCheck {
  isValid: boolean;
  problems: PolicyProblem[];
  warnings: PolicyProblem[];
}

export interface Explanation {
  settings: PolicySetting[];
}

/** The answer of `policies/preview`. */
export interface PolicyPreview extends PolicyCheck {
  changes: PolicyChange[];
  /** Which settings of which layers become looser: saving them needs an admin and the password. */
  loosens: PolicyChange[];
  /** Living sessions that the edit would end immediately. */
  ends: BoundedEffect;
  /** Living sessions whose last address would be refused, without ending them. */
  refuses: BoundedEffect;
}

export interface BoundedEffect {
  count: number;
  /** How many living sessions were checked. */
  lookedAt: number;
  /** False: not all sessions were checked, so the counts are lower bounds. */
  isComplete: boolean;
}

/** How many active sessions an edit ends or refuses: what a person confirms. */
export function affectedBy({ ends, refuses }: Pick<PolicyPreview, "ends" | "refuses">): BoundedCount {
  return { count: ends.count + refuses.count, isCapped: !ends.isComplete || !refuses.isComplete };
}

/** The answer of `policies/revisions`, newest first. */
export interface RevisionPage {
  items: RevisionSummary[];
  /** Pass as `before` to get older ones; null: there are no older ones. */
  next: number | null;
}

export interface RevisionSummary {
  revision: number;
  author: string;
  createdAt: number;
  comment: string | null;
  rollbackOf: number | null;
  /** Null if they are too long for a list: call `policies/revision`. */
  changes: PolicyChange[] | null;
}

/** The answer of `policies/revision`, with the texts as they were at that time. */
export interface RevisionDetail extends RevisionSummary {
  textBefore: string;
  textAfter: string;
}
