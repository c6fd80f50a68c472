import type { CountAnswer } from "../requests/answers.ts";

/** Why a connection of the fast path ended. The list is closed, because it labels a metric. */
export type ConnectionEnd =
  /** The application closed it. */
  | "peer"
  | "broken"
  /** The integration key is revoked or has expired. */
  | "key"
  | "age"
  | "stopping"
  /** Bytes that are not a frame, a frame that is too long, or an id that does not rise. */
  | "frame"
  /** A frame began and did not end. */
  | "incomplete"
  /** The answers were not read in time. */
  | "unread";

export interface FastPathMetrics {
  answered: CountAnswer;
  opened(): void;
  ended(reason: ConnectionEnd): void;
  command(): void;
  /** Several answers share a write. */
  wrote(): void;
}
