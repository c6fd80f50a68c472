import type { Database } from "../../db/database.ts";
import { createSessionNotifications } from "../../db/session-notifications.ts";
import { createBatchedReader } from "./batched-reader.ts";
import { createSessionCache } from "./cache.ts";
import type { SessionReader } from "./reader.ts";
import { watchSessions } from "./watched-database.ts";

export interface SessionReading {
  reader: SessionReader;
  /** The database to use for everything that changes sessions. */
  db: Database;
  /** Call this when times of use were written. */
  used(activities: readonly { id: string; at: number }[]): void;
  close(): Promise<void>;
}

export interface SessionReadingOptions {
  db: Database;
  /** Whether this replica caches sessions. */
  remembers: boolean;
  metrics: ReadingMetrics;
  onError: (error: unknown) => void;
}

export interface ReadingMetrics {
  batch(kind: "session-read" | "proof-use", size: number): void;
  cacheAsked(answer: "hit" | "miss" | "unsure"): void;
  cacheEmptied(): void;
}

/** How this replica reads sessions: in batches, and from memory if the cache is on. */
export function composeReading({ db, remembers, metrics, onError }: SessionReadingOptions): SessionReading {
  const reader = createBatchedReader(db, (size) => metrics.batch("session-read", size));
  if (!remembers) return { reader, db, used() {}, close: async () => {} };
  const cache = createSessionCache({ reader, now: () => notifications.now(), onAsked: metrics.cacheAsked });
  const notifications = createSessionNotifications({
    db,
    onChanged: cache.forget,
    onMissed() {
      cache.forgetAll();
      metrics.cacheEmptied();
    },
    onError,
    monotonicMs: () => performance.now(),
  });
  return { reader: cache, db: watchSessions(db, cache.forget), used: cache.used, close: notifications.close };
}
