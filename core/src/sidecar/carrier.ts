import type { SidecarAddress } from "./address.ts";
import type { HeldAnswers, Provenance } from "./holds/held-answers.ts";
import type { SessionPushes } from "./watch/session-pushes.ts";

export interface SidecarAnswer {
  /** The HTTP status, even if the answer did not come over HTTP. */
  status: number;
  body: string;
  /** By which connection it came, where answers may be held. */
  provenance?: Provenance | undefined;
}

/** How to send a command. */
export interface Sending {
  /**
   * For commands that may be sent again: called at most once, when nothing was heard from the other end for this long.
   * The connection may have died silently, or the sidecar is slow; the answer is still awaited. A carrier whose
   * connections belong to the runtime never calls it.
   */
  silence?: { readonly afterMs: number; readonly tell: () => void };
  /** The span that the sidecar continues, where the application traces (W3C Trace Context). */
  traceparent?: string | undefined;
  /** Use a new connection, opened for this command. */
  fresh?: boolean;
}

/** Sends commands to the sidecar. The implementation depends on the runtime; everything above it does not. */
export interface Carrier {
  /** Resolves with any answer of the sidecar; rejects with `DeadlinePassed`, or on a transport fault. */
  send(body: string, timeoutMs: number, sending?: Sending): Promise<SidecarAnswer>;
  /** Runs the callback once the event loop has read what had already arrived: those requests are sent together. */
  afterThisTick(callback: () => void): void;
  /** Whether the sidecar is known to answer a repeated `attemptId` as it answered the first. */
  readonly knowsAttempts: boolean;
  /** Undefined: no answers are held. */
  readonly holds?: HeldAnswers;
  /** Undefined: no changes are pushed. */
  readonly pushes?: SessionPushes;
  /** Pending commands are answered first. */
  close(): Promise<void>;
}

export interface CarrierOptions {
  address: SidecarAddress;
  /** The value of the header `Authorization`. */
  authorization: string;
  /** The number of fast-path connections, if there is a fast path. */
  connections: number;
  /** Whether answers may be held while the sidecar vouches for them. Default: true. */
  hold?: boolean;
  /** Receives log lines for the operator; they never contain what was sent. */
  log: (line: string) => void;
}

export type CarrierFactory = (options: CarrierOptions) => Carrier;

/** No answer came in time. It is unknown whether the command was executed. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}
