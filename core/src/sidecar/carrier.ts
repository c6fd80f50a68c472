import type { SidecarAddress } from "./address.ts";
import type { HeldAnswers, Provenance } from "./holds/held-answers.ts";
import type { SessionPushes } from "./watch/session-pushes.ts";

export interface SidecarAnswer {
  /** The HTTP status, also where the answer did not come by HTTP. */
  status: number;
  body: string;
  /** By which connection it came, where answers may be held. */
  provenance?: Provenance | undefined;
}

/** How a command is to be carried. */
export interface Sending {
  /**
   * For what may be sent a second time: tells, at most once, that nothing at all was heard of the other end for so long.
   * Its connection may have died without a word, or the sidecar is slow: the answer is still waited for. A carrier whose
   * connections are the runtime's affair never tells.
   */
  silence?: { readonly afterMs: number; readonly tell: () => void };
  /** By a connection of its own, opened for it. */
  fresh?: boolean;
}

/** Carries commands to the sidecar. What does it differs by runtime; everything above it does not. */
export interface Carrier {
  /** Rejects with `DeadlinePassed`, or on a transport fault; any answer of the sidecar resolves. */
  send(body: string, timeoutMs: number, sending?: Sending): Promise<SidecarAnswer>;
  /** Runs the callback when the event loop has read what had already arrived: those requests travel together. */
  afterThisTick(callback: () => void): void;
  /** Whether the sidecar is known to answer a repeated `attemptId` as it answered the first. */
  readonly knowsAttempts: boolean;
  /** Undefined: nothing is held. */
  readonly holds?: HeldAnswers;
  /** Undefined: nothing is pushed. */
  readonly pushes?: SessionPushes;
  /** What is under way is answered first. */
  close(): Promise<void>;
}

export interface CarrierOptions {
  address: SidecarAddress;
  /** The value of the header `Authorization`. */
  authorization: string;
  /** Connections of the fast path, where there is one. */
  connections: number;
  /** Whether answers may be held, where the sidecar vouches for them. Default: true. */
  hold?: boolean;
  /** Takes lines for the operator; none holds what was sent. */
  log: (line: string) => void;
}

export type CarrierFactory = (options: CarrierOptions) => Carrier;

/** No answer came in time. Whether the command was carried out is not known. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}
