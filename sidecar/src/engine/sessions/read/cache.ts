import { LRUCache } from "lru-cache";
import type { SessionRow } from "../session.ts";
import { applyLatestUse, type KnownUses } from "./latest-use.ts";
import type { SessionReader } from "./reader.ts";

/** The sessions that a replica remembers, and what makes it forget them. */
export interface SessionCache extends SessionReader {
  /** The session has changed, or may have. */
  forget(id: string): void;
  /** Changes may have been missed. */
  forgetAll(): void;
  /** Times of use were written, in milliseconds. They send no notification, because nothing else changes. */
  used(activities: readonly { id: string; at: number }[]): void;
}

export interface SessionCacheOptions {
  /** Reads a session as the database has it: what is remembered must not claim uses that are not written. */
  read: SessionReader["read"];
  uses: KnownUses;
  /**
   * The database's time in milliseconds, never behind the true one; undefined while this replica may have missed
   * changes.
   */
  now: () => number | undefined;
  onAsked: (answer: "hit" | "miss" | "unsure") => void;
}

const MAX_BYTES = 64 * 1024 * 1024;
/** The size of a row without metadata, with tags and texts of usual length. */
const ROW_BYTES = 1500;

interface Kept {
  /** As the database had it. */
  row: SessionRow;
  /** The latest use that has been written since. */
  lastActivityAt: number;
}

/**
 * Remembers living sessions, so that a validation that changes nothing needs no round trip to the database. It only
 * saves reads: each decision still uses the current policy and the current time.
 */
export function createSessionCache({ read, uses, now, onAsked }: SessionCacheOptions): SessionCache {
  const kept = new LRUCache<string, Kept>({ maxSize: MAX_BYTES, sizeCalculation: bytesOf });
  /** The latest running read of each session. If the session is forgotten meanwhile, its row must not be kept. */
  const reading = new Map<string, object>();

  return {
    remembered(id) {
      const at = now();
      const known = at === undefined ? undefined : kept.get(id);
      onAsked(at === undefined ? "unsure" : known ? "hit" : "miss");
      if (!known || at === undefined) return undefined;
      const row = { ...known.row, now: Math.max(known.row.now, at), lastActivityAt: known.lastActivityAt };
      return applyLatestUse(row, uses);
    },

    async read(id) {
      const turn = {};
      // Without notifications nothing would remove the row after a change.
      const hears = now() !== undefined;
      if (hears) reading.set(id, turn);
      try {
        const row = await read(id);
        const isLatest = hears && reading.get(id) === turn;
        if (row && isLatest && row.endReason === null)
          kept.set(id, { row: { ...row }, lastActivityAt: row.lastActivityAt });
        return row && applyLatestUse(row, uses);
      } finally {
        if (reading.get(id) === turn) reading.delete(id);
      }
    },

    forget(id) {
      kept.delete(id);
      reading.delete(id);
    },

    forgetAll() {
      kept.clear();
      reading.clear();
    },

    used(activities) {
      for (const { id, at } of activities) {
        const known = kept.peek(id);
        if (known) known.lastActivityAt = Math.max(known.lastActivityAt, at);
      }
    },
  };
}

function bytesOf({ row: { metadata, tags, userId } }: Kept): number {
  const text = metadata === null ? 0 : JSON.stringify(metadata).length;
  return ROW_BYTES + userId.length + tags.length * 64 + 4 * text;
}
