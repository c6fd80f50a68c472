import type { CommandName, RefreshedSession, ValidateSessionData } from "../../contract/index.ts";
import type { Session } from "../../session.ts";
import type { Vouching } from "./vouching.ts";

/** What a request shows that an answer depends on. An answer is held for an equal one only. */
export type Question = Pick<
  ValidateSessionData,
  "sessionToken" | "ipAddress" | "userAgent" | "deviceCookie" | "ignoreDeviceForVerification" | "activity"
>;

/** An answer that may be served again. */
export interface Hold {
  readonly answer: RefreshedSession;
  /** Made of the answer when it is first served, and shared by all requests from then on: frozen, with nothing of one. */
  session: Session | undefined;
  /** The answer has not counted as activity, but a request that was served by it has been counted since. */
  isCounted: boolean;
}

/** When an answer was asked for and by which connection it came. */
export interface Provenance {
  readonly vouching: Vouching;
  /** As the answer was read: what was taken back later may have been this. */
  readonly forgets: number;
  /** Of the answer on the wire. */
  readonly bytes: number;
}

/** How often what happened, since the process began. */
export interface HoldCounts {
  readonly granted: number;
  /** Requests that were answered by what is held. */
  readonly served: number;
  /** Holds that were taken back, by the sidecar or because this process asked for a change. */
  readonly forgotten: number;
  /** Requests that asked the sidecar although an answer was held, because nobody vouched for it. */
  readonly unvouched: number;
  /** Answers that are held now. */
  readonly held: number;
}

/** The answers that a client holds, of a carrier whose connections can hold any: docs/held-answers.md. */
export interface HeldAnswers {
  /** The answer to an equal request, where it may still be served. */
  find(token: string, question: Omit<Question, "sessionToken">): Hold | undefined;
  /**
   * Call it as a command is sent, and what it returns with the answer: what it changes is forgotten both times, and what it
   * validates is held then. Undefined: the command is neither.
   */
  begin(command: CommandName, data: object): ((answer: unknown, from: Provenance | undefined) => void) | undefined;
  /** Resolves when the requests that have arrived by now have been read: those that are served go on then, in a row. */
  endOfTick(): Promise<undefined>;
  readonly counts: HoldCounts;
}
