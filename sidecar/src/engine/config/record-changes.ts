import type { Logger } from "pino";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Database } from "../db/database.ts";
import { rememberConfigFiles } from "../db/installation.ts";
import type { ConfigFiles } from "./config-files.ts";

interface Recorded {
  db: Database;
  configFiles: Pick<ConfigFiles, "onChange" | "onRefused">;
  audit: Pick<AuditLog, "write">;
  log: Pick<Logger, "error">;
}

/** Records in the audit trail which configuration files changed, and which changes were refused. */
export function recordConfigChanges({ db, configFiles, audit, log }: Recorded): void {
  configFiles.onChange(({ files }, changed) => {
    const event = { event: "ConfigChanged", actor: "system", details: { files: changed } } as const;
    Promise.all([rememberConfigFiles(db, files), audit.write(event)]).catch((error: unknown) =>
      log.error({ err: error }, "a configuration change is in force, but could not be recorded"),
    );
  });
  configFiles.onRefused((problems) => {
    audit
      .write({ event: "ConfigRefused", actor: "system", details: { problems } })
      .catch((error: unknown) => log.error({ err: error }, "a refused configuration change could not be recorded"));
  });
}
