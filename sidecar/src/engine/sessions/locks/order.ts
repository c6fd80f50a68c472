import type { SessionRow } from "../session.ts";

/**
 * A transaction that changes several sessions takes them in this order, so that two of them cannot wait for each other.
 */
export function inLockOrder(rows: readonly SessionRow[]): SessionRow[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
}
