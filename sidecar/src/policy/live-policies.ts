import type { Logger } from "pino";
import type { AuditLog } from "../audit/audit-log.ts";
import type { ConfigFiles } from "../config/config-files.ts";
import type { Database } from "../db/database.ts";
import { rememberConfigFiles } from "../db/installation.ts";
import { type PolicyBook, policyBookOf } from "./policy.ts";
import type { SessionConfig } from "./values.ts";

/** The policies of now; an edit holds from the next validation on. */
export interface LivePolicies {
  current(): PolicyBook;
  /** What `current` was made of: the file, and the edits over it. */
  config(): SessionConfig;
}

/** Edits that people make over what the file says. */
export interface PolicyEdits {
  /** Throws a `ConfigError` where the edits do not fit the file. */
  apply(file: SessionConfig): SessionConfig;
  onChange(listener: () => void): void;
}

interface Followed {
  db: Database;
  configFiles: ConfigFiles;
  edits: PolicyEdits | undefined;
  audit: Pick<AuditLog, "write">;
  log: Pick<Logger, "error">;
}

/**
 * Follows the configuration files and the edits over them, and puts on record what changed and what was refused. Throws a
 * `ConfigError` where the two do not fit together.
 */
export function followConfigFiles({ db, configFiles, edits, audit, log }: Followed): LivePolicies {
  const read = () => {
    const file = configFiles.current().session;
    return edits ? edits.apply(file) : file;
  };
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
  configFiles.onChange(({ files }, changed) => {
    readAgain();
    const event = { event: "ConfigChanged", actor: "system", details: { files: changed } } as const;
    Promise.all([rememberConfigFiles(db, files), audit.write(event)]).catch((error: unknown) =>
      log.error({ err: error }, "a change of the configuration holds, but was not recorded"),
    );
  });
  configFiles.onRefused((problems) => {
    audit
      .write({ event: "ConfigRefused", actor: "system", details: { problems } })
      .catch((error: unknown) => log.error({ err: error }, "a refused change of the configuration was not recorded"));
  });
  return { current: () => book, config: () => config };
}
