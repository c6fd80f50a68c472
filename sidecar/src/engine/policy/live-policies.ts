import type { Logger } from "pino";
import { type PolicyBook, policyBookOf } from "./policy.ts";
import type { SessionConfig } from "./values.ts";

/** The current policies; an edit applies from the next validation on. */
export interface LivePolicies {
  current(): PolicyBook;
  /** The source of `current`: the file with the edits over it. */
  config(): SessionConfig;
  /** Whether the newest file and edits do not fit together, so that an earlier policy is in force. */
  isStale(): boolean;
  /** Called after each change. */
  onChange(listener: () => void): void;
}

/** The current policy file. */
export interface PolicyFile {
  current(): SessionConfig;
  onChange(listener: () => void): void;
}

/** People's edits over the file. */
export interface PolicyEdits {
  /** Throws a `ConfigError` if the edits do not fit the file. */
  apply(file: SessionConfig): SessionConfig;
  onChange(listener: () => void): void;
}

/** Follows the policy file and the edits over it. Throws a `ConfigError` if they do not fit together. */
export function followPolicies(
  file: PolicyFile,
  edits: PolicyEdits | undefined,
  { log, onRefused }: { log: Pick<Logger, "error">; onRefused: () => void },
): LivePolicies {
  const read = () => (edits ? edits.apply(file.current()) : file.current());
  let config = read();
  let book = policyBookOf(config);
  const listeners: (() => void)[] = [];
  let isStale = false;
  const readAgain = () => {
    try {
      config = read();
      book = policyBookOf(config);
      isStale = false;
    } catch (error) {
      isStale = true;
      onRefused();
      log.error(
        { err: error },
        "the policy file and the edits over it do not fit together; the earlier policy stays in force",
      );
      return;
    }
    for (const listener of listeners) listener();
  };
  edits?.onChange(readAgain);
  file.onChange(readAgain);
  return {
    current: () => book,
    config: () => config,
    isStale: () => isStale,
    onChange: (listener) => void listeners.push(listener),
  };
}
