import type { ExitCode } from "./exit-codes.ts";
import type { Facts } from "./facts.ts";

/** One reason why a start fails. */
export interface Cause {
  /** The reason in a few words, for the documents. */
  readonly what: string;
  readonly exit: ExitCode;
  /** It may pass without anybody's help, so a start waits and tries again. */
  readonly passes?: boolean;
  readonly is: (facts: Facts) => boolean;
  /** What is wrong, and how to fix it. */
  readonly says: (facts: Facts) => string;
}

/** Matches the innermost code, or a part of one of the messages. */
export function by(codes: RegExp | undefined, message?: RegExp): Cause["is"] {
  return (facts) => codes?.test(facts.code) || facts.messages.some((text) => message?.test(text)) || false;
}
