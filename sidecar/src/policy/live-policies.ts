import type { Logger } from "pino";
import type { AuditLog } from "../audit/audit-log.ts";
import type { ConfigFiles } from "../config/config-files.ts";
import type { Database } from "../db/database.ts";
import { rememberConfigFiles } from "../db/installation.ts";
import { createPolicyBook, type PolicyBook } from "./policy.ts";

/** The policies of now; an edit holds from the next validation on. */
export interface LivePolicies {
  current(): PolicyBook;
}

interface Followed {
  db: Database;
  configFiles: ConfigFiles;
  audit: Pick<AuditLog, "write">;
  log: Pick<Logger, "error">;
}

/** Follows the configuration files, and puts on record what changed and what was refused. */
export function followConfigFiles({ db, configFiles, audit, log }: Followed): LivePolicies {
  let book = createPolicyBook(configFiles.current().session);
  configFiles.onChange(({ session, files }, changed) => {
    book = createPolicyBook(session);
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
  return { current: () => book };
}
