import type { AuditEvent } from "../audit/event.ts";
import type { Queryable } from "../db/database.ts";

/** One part of a collection. Steps do not depend on each other: one that fails or takes long delays no other. */
export interface CollectionStep {
  /** Its name in the database, the metrics, the log and the dashboard. */
  readonly name: string;
  /** How old its last complete run may be, in seconds, before that is a problem. Default: an hour, or twelve rounds. */
  readonly mayTakeSecs?: number;
  /** Does the next part of the work, in a transaction of its own. `size`: how many rows at most. */
  batch(work: BatchWork): Promise<BatchResult>;
}

export interface BatchWork {
  tx: Queryable;
  /** Records an audit event in the same transaction. */
  record: (event: AuditEvent) => void;
  from: Position;
  size: number;
}

/** Where a step continues: a time or a block, as text. Null: at the beginning. */
export type Position = string | null;

export interface BatchResult {
  /** How many rows were changed or deleted. */
  count: number;
  /** Null: nothing is left to do. */
  next: Position;
  /** Called once the transaction is committed. */
  committed?: () => void;
}
