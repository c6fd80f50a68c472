import type { Logger } from "pino";
import { type PolicyBook, policyBookOf } from "./policy.ts";
import type { SessionConfig } from "./values.ts";

/** The policies of now; an edit holds from the next validation on. */
export interface LivePolicies {
  current(): PolicyBook;
  /** What `current` was made of: the file, and the edits over it. */
  config(): SessionConfig;
}

/** The policy file as it is now. */
export interface PolicyFile {
  current(): SessionConfig;
  onChange(listener: () => void): void;
}

/** Edits that people make over what the file says. */
export interface PolicyEdits {
  /** Throws a `ConfigError` where the edits do not fit the file. */
  apply(file: SessionConfig): SessionConfig;
  onChange(listener: () => void): void;
}

/** Follows the policy file and the edits over it. Throws a `ConfigError` where the two do not fit together. */
export function followPolicies(
  file: PolicyFile,
  edits: PolicyEdits | undefined,
  log: Pick<Logger, "error">,
): LivePolicies {
  const read = () => (edits ? edits.apply(file.current()) : file.current());
  let config = read();
  let book = policyBookOf(config);
  const readAgain = () => {
    try {
      config = read();
      book = policyBookOf(config);
    } catch (error) {
      log.error(
        { err: error },
        "the policy file and the edits over it do not fit together; the policy from before holds",
      );
    }
  };
  edits?.onChange(readAgain);
  file.onChange(readAgain);
  return { current: () => book, config: () => config };
}
