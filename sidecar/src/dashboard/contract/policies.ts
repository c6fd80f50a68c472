import type { PolicySetting } from "./sessions.ts";

/** A policy document is `session_config.jsonc` as text: people edit the whole of it, the server keeps the difference. */
export interface CurrentPolicies {
  /** What holds now: the file and the edits over it. The text for the editor. */
  text: string;
  /** What the file of this replica says, with built-in values where it says nothing. */
  fileText: string;
  /** Of the edits; 0: the file alone holds. */
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
}

export interface PolicyProblem {
  /** 1 for the first line; null where the problem has no line. */
  line: number | null;
  message: string;
}

/** `policies/check`, as somebody types. */
export interface PolicyText {
  text: string;
}

export interface PolicyCheck {
  isValid: boolean;
  problems: PolicyProblem[];
  warnings: PolicyProblem[];
}

/** `policies/explain`: what would apply to a session with these tags. */
export interface ExplainInput {
  tags: string[];
  /** Default: what holds now. */
  text?: string;
}

export interface Explanation {
  settings: PolicySetting[];
}

/** `policies/preview` of a `PolicyText`. */
export interface PolicyPreview extends PolicyCheck {
  changes: PolicyChange[];
  /** What becomes looser, in words of settings and layers: saving it needs an admin and the password. */
  loosens: PolicyChange[];
  /** Live sessions that the edit would end at once. */
  ends: BoundedEffect;
  /** Live sessions whose last address would be refused, without being ended. */
  refuses: BoundedEffect;
}

export interface BoundedEffect {
  count: number;
  /** So many live sessions were looked at. */
  lookedAt: number;
  /** False: there are more sessions than were looked at, so the count is a lower bound. */
  isComplete: boolean;
}

/** `policies/save`; answers `CurrentPolicies`. */
export interface SavePolicy {
  text: string;
  /** The revision that the person started from; another one meanwhile: `Conflict` with what holds now. */
  expectedRevision: number;
  comment?: string;
}

/** `policies/rollback`; answers `CurrentPolicies`. Revision 0 is the file alone. */
export interface Rollback {
  revision: number;
  expectedRevision: number;
}

/** `policies/revisions` of `{ before?: number }`, newest first. */
export interface RevisionPage {
  items: RevisionSummary[];
  /** Ask with `before` for older ones; null: that was all. */
  next: number | null;
}

export interface RevisionSummary {
  revision: number;
  author: string;
  createdAt: number;
  comment: string | null;
  rollbackOf: number | null;
  /** Null in a page of revisions where they are too long for it: `policies/revision` has them. */
  changes: PolicyChange[] | null;
}

/** `policies/revision` of `{ revision }`. Texts are those at the time. */
export interface RevisionDetail extends RevisionSummary {
  textBefore: string;
  textAfter: string;
}
