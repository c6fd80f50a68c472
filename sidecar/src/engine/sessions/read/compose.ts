import type { Database } from "../../db/database.ts";
import { createSessionNotifications } from "../../db/session-notifications.ts";
import { createBatchedRead } from "./batched-read.ts";
import { createSessionCache } from "./cache.ts";
import type { KnownUses } from "./latest-use.ts";
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
  /** The uses that this replica has noted. */
  uses: KnownUses;
  metrics: ReadingMetrics;
  onError: (error: unknown) => void;
}

export interface ReadingMetrics {
  batch(kind: "session-read" | "proof-use", size: number): void;
  cacheAsked(answer: "hit" | "miss" | "unsure"): void;
  cacheEmptied(): void;
}

/** How this replica reads sessions: in batches, and from memory if the cache is on. */
export function composeReading({ db, remembers, uses, metrics, onError }: SessionReadingOptions): SessionReading {
  const onBatch = (size: number) => metrics.batch("session-read", size);
  if (!remembers) {
    const reader = { read: createBatchedRead(db, onBatch, uses), remembered: () => undefined };
    return { reader, db, used() {}, close: async () => {} };
  }
  const read = createBatchedRead(db, onBatch);
  const cache = createSessionCache({ read, uses, now: () => notifications.now(), onAsked: metrics.cacheAsked });
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
