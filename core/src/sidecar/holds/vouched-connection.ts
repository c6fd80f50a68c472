import { ALL_SESSIONS, type ConnectionRequest, NOTICES, readNotice } from "../../frames/index.ts";
import type { ConnectionListener, PushingConnection } from "../watch/push-channel.ts";
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

/**
 * Shorter than for held answers: within the same second, the sidecar must still be asked about a watched session.
 */
const FRESH_FOR_MS = 300;

/** The part of a connection of the fast path that is about held answers and watched sessions. */
export class VouchedConnection implements PushingConnection {
  readonly #table: ConnectionHolds["table"];
  readonly #vouching: Vouching;
  readonly #send: (request: ConnectionRequest) => void;
  #listener: ConnectionListener | undefined;

  constructor({ table, ...options }: ConnectionHolds, send: (request: ConnectionRequest) => void) {
    this.#table = table;
    this.#vouching = new Vouching({ ...options, send });
    this.#send = send;
  }

  get isFresh(): boolean {
    return this.#vouching.isAnsweredWithin(FRESH_FOR_MS);
  }

  /** Beats got no answer in time: the replica misses changes, or is gone. */
  get isOverdue(): boolean {
    return this.#vouching.isBeating && !this.isFresh;
  }

  attach(listener: ConnectionListener): void {
    this.#listener = listener;
  }

  watch(ids: readonly string[]): number {
    this.#send({ watch: [...ids] });
    this.#vouching.isWatched = true;
    return this.#vouching.beat();
  }

  unwatch(ids: readonly string[]): void {
    this.#send({ unwatch: [...ids] });
  }

  rest(): void {
    this.#vouching.isWatched = false;
  }

  /** Of an answer that is being read: what is taken back from now on may be this one. */
  provenance(bytes: number): Provenance {
    return { vouching: this.#vouching, forgets: this.#vouching.forgets, bytes };
  }

  /** Takes a notice, but for a goodbye. One of a kind that is not known says nothing. @throws UnusableFrame */
  take(notice: number, json: string): void {
    if (notice === NOTICES.forget) this.#forget(readNotice(json));
    else if (notice === NOTICES.beat) this.#answered(readNotice(json));
    else if (notice === NOTICES.unwatched) this.#listener?.refused(String(readNotice(json)));
  }

  /** The connection takes no more commands: what was granted over it counts no more. */
  end(): void {
    this.#vouching.end();
    this.#table.forgetOf(this.#vouching);
    this.#listener?.ended();
  }

  #answered(beat: unknown): void {
    if (this.#vouching.answered(beat)) this.#listener?.beatAnswered(beat);
  }

  #forget(id: unknown): void {
    this.#vouching.forgets++;
    if (id === ALL_SESSIONS) {
      this.#table.forgetOf(this.#vouching);
      this.#listener?.allForgotten();
    } else {
      this.#table.forgetSession(String(id));
      this.#listener?.forgotten(String(id));
    }
  }
}
