/** One request of a client, as the client saw it. */
export interface Operation {
  kind: "login" | "visit" | "end";
  sentAtMs: number;
  answeredAtMs: number;
  /** Undefined: no answer, or one that says that nothing is known (503). */
  status?: number;
  /** What went wrong in an answer that is neither a success nor a refusal. */
  details?: string;
  /** The token that was sent; for a login, the one that was received. */
  token: string;
  /** The user that the answer names. */
  userId?: string;
  /** The successor that a visit was given. */
  successor?: string;
}

/** All that one client did with one session, in order; the last operations are those of the audit, after all faults. */
export interface SessionHistory {
  userId: string;
  operations: Operation[];
}

export const isAcknowledged = ({ status }: Operation) => status === 200;
export const isRefused = ({ status }: Operation) => status === 401;
