/** Why a connection of the fast path ended: a closed list, for it labels a metric. */
export type EndReason =
  /** The application closed it. */
  | "peer"
  | "broken"
  /** The integration key is revoked or has expired. */
  | "key"
  | "age"
  | "stopping"
  /** Bytes that are no frame, one that is too long, or an id that does not rise. */
  | "frame"
  /** A frame began and did not end. */
  | "incomplete"
  /** The answers are not read. */
  | "unread";

export interface FastPathMetrics {
  opened(): void;
  ended(reason: EndReason): void;
  command(): void;
  /** Several answers share a write. */
  wrote(): void;
}
