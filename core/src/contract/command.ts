import type { z } from "zod";
import type { CommandErrorType } from "./errors.ts";

/** The definition of a command: `Data` is its input, `Answer` the body of its 200. Times are Unix seconds. */
export interface CommandEntry<Data, Answer, E extends CommandErrorType = CommandErrorType> {
  /** What the command does, in one line. */
  readonly does: string;
  /** Checks the data. Unknown fields are ignored. */
  readonly input: z.ZodType<Data>;
  /** Its own errors, besides those about the integration key and `UnexpectedError`. */
  readonly errors: readonly E[];
  /**
   * It may be sent again after a transport fault, when the first call may have succeeded and its answer got lost. So
   * never set it for a command that creates or changes something, or that would answer differently the second time.
   */
  readonly isRepeatable: boolean;
  /** Equal calls that are not sent yet share one. */
  readonly isShareable: boolean;
  /** An addition to the contract that every sidecar speaks. */
  readonly isOurs: boolean;
  /** Only a type: no entry has it. */
  readonly answer?: Answer;
}

/** What differs from a command of the common contract that changes something and has no errors of its own. */
export type Particulars<Data, E extends CommandErrorType> = Pick<CommandEntry<Data, unknown, E>, "does" | "input"> &
  Partial<Pick<CommandEntry<Data, unknown, E>, "errors" | "isRepeatable" | "isShareable" | "isOurs">>;

/** In two steps, so that TypeScript infers the errors while the rest is given. */
export function command<Data, Answer>() {
  return <E extends CommandErrorType = never>(entry: Particulars<Data, E>): CommandEntry<Data, Answer, E> => ({
    ...{ errors: [], isRepeatable: false, isShareable: false, isOurs: false },
    ...entry,
  });
}
