import type { z } from "zod";
import type { CommandErrorType } from "./errors.ts";

/** All that is said of a command: `Data` is what it takes, `Answer` the body of its 200. Times are Unix seconds. */
export interface CommandEntry<Data, Answer, E extends CommandErrorType = CommandErrorType> {
  /** In one line, for people. */
  readonly does: string;
  /** Checks the data. Unknown fields are ignored. */
  readonly input: z.ZodType<Data>;
  /** Its own, beside those of the integration key and `UnexpectedError`. */
  readonly errors: readonly E[];
  /**
   * It may be sent a second time after a transport fault, when the first may have been carried out and its answer lost.
   * So never what makes or changes something, nor what would answer another thing the second time.
   */
  readonly isRepeatable: boolean;
  /** Equal calls that were not sent yet share one. */
  readonly isShareable: boolean;
  /** Beside the contract that every sidecar speaks. */
  readonly isOurs: boolean;
  /** Only a type: no entry has it. */
  readonly answer?: Answer;
}

/** What differs from a command that changes something, of the common contract and without errors of its own. */
export type Particulars<Data, E extends CommandErrorType> = Pick<CommandEntry<Data, unknown, E>, "does" | "input"> &
  Partial<Pick<CommandEntry<Data, unknown, E>, "errors" | "isRepeatable" | "isShareable" | "isOurs">>;

/** In two steps: TypeScript infers the errors, and is told the rest. */
export function command<Data, Answer>() {
  return <E extends CommandErrorType = never>(entry: Particulars<Data, E>): CommandEntry<Data, Answer, E> => ({
    ...{ errors: [], isRepeatable: false, isShareable: false, isOurs: false },
    ...entry,
  });
}
