import { ALL_SESSIONS, type ConnectionRequest, NOTICES, readNotice } from "../../frames/index.ts";
import type { Provenance } from "./held-answers.ts";
import type { HoldTable } from "./hold-table.ts";
import { type Repeat, Vouching } from "./vouching.ts";

/** What the connections of one client share. */
export interface ConnectionHolds {
  readonly table: Pick<HoldTable, "forgetSession" | "forgetOf">;
  /** Never goes back, and also passes while the process is frozen. */
  readonly nowMs: () => number;
  /** Default: a timer that keeps no process alive. */
  readonly repeat?: Repeat;
}

/** The part of a connection of the fast path that is about held answers. */
export class VouchedConnection {
  readonly #table: ConnectionHolds["table"];
  readonly #vouching: Vouching;

  constructor({ table, ...options }: ConnectionHolds, send: (request: ConnectionRequest) => void) {
    this.#table = table;
    this.#vouching = new Vouching({ ...options, send });
  }

  /** Of an answer that is being read: what is taken back from now on may be this one. */
  provenance(bytes: number): Provenance {
    return { vouching: this.#vouching, forgets: this.#vouching.forgets, bytes };
  }

  /** Takes a notice, but for a goodbye. One of a kind that is not known says nothing. @throws UnusableFrame */
  take(notice: number, json: string): void {
    if (notice === NOTICES.forget) this.#forget(readNotice(json));
    else if (notice === NOTICES.beat) this.#vouching.answered(readNotice(json));
  }

  /** The connection takes no more commands: what was granted over it counts no more. */
  end(): void {
    this.#vouching.end();
    this.#table.forgetOf(this.#vouching);
  }

  #forget(id: unknown): void {
    this.#vouching.forgets++;
    if (id === ALL_SESSIONS) this.#table.forgetOf(this.#vouching);
    else this.#table.forgetSession(String(id));
  }
}
