import type { Holds } from "./holds.ts";
import type { Interest, Interests } from "./interest.ts";

/** Whether the answer to one validation may be held by the application that asked, and for how long. */
export interface Grant {
  /** Call it before anything of the session is read. */
  prepare(sessionId: string): void;
  /** The answer may be held this long, in milliseconds, if nothing was heard of the session meanwhile. */
  offer(holdMs: number): void;
}

/** A grant from the side of the connection, which writes the answer. */
export interface PendingGrant extends Grant {
  /** Call it once, as the answer is written. Undefined: the answer is not to be held. */
  settle(): number | undefined;
}

export function createGrant(interests: Interests, holds: Pick<Holds, "hears" | "metrics">): PendingGrant {
  return new ConnectionGrant(interests, holds);
}

/** A class, because one is made for each command. */
class ConnectionGrant implements PendingGrant {
  readonly #interests: Interests;
  readonly #holds: Pick<Holds, "hears" | "metrics">;
  #sessionId = "";
  #interest: Interest | undefined;
  #offeredMs = 0;
  #isSettled = false;

  constructor(interests: Interests, holds: Pick<Holds, "hears" | "metrics">) {
    this.#interests = interests;
    this.#holds = holds;
  }

  prepare(sessionId: string): void {
    // Between a reading without notifications and the first notification a change would go unnoticed.
    if (this.#interest || this.#isSettled || !this.#holds.hears()) return;
    this.#sessionId = sessionId;
    this.#interest = this.#interests.note(sessionId);
    if (!this.#interest) this.#holds.metrics.full();
  }

  offer(holdMs: number): void {
    this.#offeredMs = Math.floor(holdMs);
  }

  settle(): number | undefined {
    // The command may go on although it has been answered, too late.
    this.#isSettled = true;
    if (!this.#interest) return undefined;
    const holdMs = this.#interest.stands && this.#offeredMs > 0 && this.#holds.hears() ? this.#offeredMs : 0;
    this.#interests.settle(this.#sessionId, this.#interest, holdMs);
    this.#interest = undefined;
    if (holdMs === 0) return undefined;
    this.#holds.metrics.granted();
    return holdMs;
  }
}
