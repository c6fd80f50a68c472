import { createElapsedClock } from "@byo-session/core/frames";
import type { Database } from "../../db/database.ts";
import { createSessionNotifications } from "../../db/session-notifications.ts";
import type { HoldMetrics, Holds } from "../../holds/holds.ts";
import { createInterestTable } from "../../holds/interest.ts";
import { createBatchedRead } from "./batched-read.ts";
import { createSessionCache } from "./cache.ts";
import type { KnownUses } from "./latest-use.ts";
import type { SessionReader } from "./reader.ts";
import { watchSessions } from "./watched-database.ts";

export interface SessionReading {
  reader: SessionReader;
  /** The database to use for everything that changes sessions. */
  db: Database;
  /** What applications may hold. Undefined: nothing, because nobody would hear of changes. */
  holds: Holds | undefined;
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
  /** The database's clock was set, by so many milliseconds. */
  onClockSet: (byMs: number) => void;
}

export interface ReadingMetrics {
  batch(kind: "session-read" | "proof-use", size: number): void;
  cacheAsked(answer: "hit" | "miss" | "unsure"): void;
  cacheEmptied(): void;
  holds: HoldMetrics;
  /** What is read whenever the metrics are. */
  hearing(ofReplica: Pick<Holds, "hears" | "interest"> & { newsAgeMs: () => number }): void;
}

/** How this replica reads sessions: in batches, and from memory if the cache is on. */
export function composeReading({
  db,
  remembers,
  uses,
  metrics,
  onError,
  onClockSet,
}: SessionReadingOptions): SessionReading {
  const onBatch = (size: number) => metrics.batch("session-read", size);
  if (!remembers) {
    const reader = { read: createBatchedRead(db, onBatch, uses), remembered: () => undefined };
    return { reader, db, holds: undefined, used() {}, close: async () => {} };
  }
  const elapsedMs = createElapsedClock();
  const read = createBatchedRead(db, onBatch);
  const cache = createSessionCache({ read, uses, now: () => notifications.now(), onAsked: metrics.cacheAsked });
  const interest = createInterestTable({ nowMs: elapsedMs });
  function forget(id: string): void {
    cache.forget(id);
    interest.forget(id);
  }
  const notifications = createSessionNotifications({
    db,
    onChanged: forget,
    onMissed() {
      cache.forgetAll();
      interest.forgetAll();
      metrics.cacheEmptied();
    },
    onError,
    onClockSet,
    elapsedMs,
  });
  const holds = { interest, hears: () => notifications.now() !== undefined, metrics: metrics.holds };
  metrics.hearing({ ...holds, newsAgeMs: notifications.ageMs });
  return { reader: cache, db: watchSessions(db, forget), holds, used: cache.used, close: notifications.close };
}
