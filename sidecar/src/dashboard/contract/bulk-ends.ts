import type { BoundedCount } from "./sessions.ts";

/** How many sessions can be selected at once. Beyond that, a filter says which. */
export const MAX_SELECTED = 500;

/** How long the name of an incident may be. */
export const MAX_INCIDENT_CHARS = 200;

/** An end of many sessions, and how far it is. */
export interface BulkEnd {
  id: string;
  /** In words, such as "user ada", "tag org:acme" or "a selection of the incident Address 203.0.113.7". */
  target: string;
  note: string | null;
  startedBy: string;
  startedAt: number;
  /** Null: it is still running. */
  finishedAt: number | null;
  /** Who stopped it before it was over. */
  stoppedBy: string | null;
  ended: number;
  /** How many sessions matched at the start. */
  expected: BoundedCount;
}

/** The answer of `sessions/ends`. */
export interface BulkEndList {
  items: BulkEnd[];
}
