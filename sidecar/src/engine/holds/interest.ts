import { ALL_SESSIONS } from "@byo-session/core/frames";

/**
 * Which connection is interested in the changes of which session: because it holds an answer about it, is about to get
 * one, or watches it. Bounded for the whole replica; a full table takes no more.
 */
export interface InterestTable {
  /** `tell` passes a change on: the id of a session, or `*` for all of them. */
  join(tell: (id: string) => void): Interests;
  /** The session has changed, or may have. */
  forget(id: string): void;
  /** Changes may have been missed, or all answers may differ from now on. */
  forgetAll(): void;
  readonly size: number;
}

/** The interests of one connection. */
export interface Interests {
  /**
   * Notes the interest in a session before it is read. Undefined: the table is full. Must be followed by `settle`.
   */
  note(id: string): Interest | undefined;
  /** The answer is written: it is held for this long, or not at all (0). */
  settle(id: string, interest: Interest, holdMs: number): void;
  /** Until `unwatch`. False: the table is full. */
  watch(id: string): boolean;
  unwatch(id: string): void;
  /** Drops what is no longer held. Call it now and then. */
  sweep(): void;
  /** The connection has ended. */
  end(): void;
}

export interface Interest {
  /** Nothing was heard of the session since the interest was noted. */
  readonly stands: boolean;
}

export interface InterestTableOptions {
  maxEntries?: number;
  nowMs: () => number;
}

const MAX_ENTRIES = 100_000;
const SWEEP_EVERY_MS = 1000;

interface Entry {
  stands: boolean;
  /** Reads whose answer is not written yet. */
  reading: number;
  heldUntilMs: number;
  isWatched: boolean;
}

export function createInterestTable({ maxEntries = MAX_ENTRIES, nowMs }: InterestTableOptions): InterestTable {
  const connections = new Set<ConnectionInterests>();
  const table = {
    size: 0,
    maxEntries,
    nowMs,
    leave: (connection: ConnectionInterests) => void connections.delete(connection),
  };
  return {
    join(tell) {
      const interests = new ConnectionInterests(table, tell);
      connections.add(interests);
      return interests;
    },
    forget(id) {
      for (const connection of connections) connection.forget(id);
    },
    forgetAll() {
      for (const connection of connections) connection.forgetAll();
    },
    get size() {
      return table.size;
    },
  };
}

interface Shared {
  size: number;
  readonly maxEntries: number;
  readonly nowMs: () => number;
  leave(connection: ConnectionInterests): void;
}

class ConnectionInterests implements Interests {
  readonly #entries = new Map<string, Entry>();
  readonly #table: Shared;
  readonly #tell: (id: string) => void;
  #sweptAtMs: number;

  constructor(table: Shared, tell: (id: string) => void) {
    this.#table = table;
    this.#tell = tell;
    this.#sweptAtMs = table.nowMs();
  }

  note(id: string): Interest | undefined {
    const entry = this.#entries.get(id) ?? this.#add(id);
    if (entry) entry.reading++;
    return entry;
  }

  settle(id: string, interest: Interest, holdMs: number): void {
    const entry = this.#entries.get(id);
    // Another one has taken its place, or none: it was forgotten meanwhile.
    if (entry !== interest || entry === undefined) return;
    entry.reading--;
    if (holdMs > 0) entry.heldUntilMs = Math.max(entry.heldUntilMs, this.#table.nowMs() + holdMs);
    this.#dropIfIdle(id, entry);
  }

  watch(id: string): boolean {
    const entry = this.#entries.get(id) ?? this.#add(id);
    if (entry) entry.isWatched = true;
    return entry !== undefined;
  }

  unwatch(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.isWatched = false;
    this.#dropIfIdle(id, entry);
  }

  forget(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const concerns = this.#concerns(entry);
    this.#drop(id, entry);
    if (entry.isWatched) this.watch(id);
    if (concerns) this.#tell(id);
  }

  forgetAll(): void {
    if (this.#entries.size === 0) return;
    for (const [id, entry] of [...this.#entries]) {
      this.#drop(id, entry);
      if (entry.isWatched) this.watch(id);
    }
    this.#tell(ALL_SESSIONS);
  }

  sweep(): void {
    const nowMs = this.#table.nowMs();
    if (nowMs - this.#sweptAtMs < SWEEP_EVERY_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [id, entry] of this.#entries) this.#dropIfIdle(id, entry);
  }

  end(): void {
    for (const [id, entry] of this.#entries) this.#drop(id, entry);
    this.#table.leave(this);
  }

  #add(id: string): Entry | undefined {
    if (this.#table.size >= this.#table.maxEntries) return undefined;
    const entry = { stands: true, reading: 0, heldUntilMs: Number.NEGATIVE_INFINITY, isWatched: false };
    this.#entries.set(id, entry);
    this.#table.size++;
    return entry;
  }

  #drop(id: string, entry: Entry): void {
    entry.stands = false;
    this.#entries.delete(id);
    this.#table.size--;
  }

  #dropIfIdle(id: string, entry: Entry): void {
    if (entry.reading === 0 && !this.#concerns(entry)) this.#drop(id, entry);
  }

  /** Whether the application has something to take back, or wants to know. */
  #concerns(entry: Entry): boolean {
    return entry.isWatched || entry.heldUntilMs > this.#table.nowMs();
  }
}
