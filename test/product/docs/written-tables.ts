import { withCommands } from "./commands-table.ts";
import { withDecisions } from "./decisions-table.ts";
import { withEngines } from "./engines-table.ts";
import { withErrors } from "./errors-table.ts";
import { withLicences } from "./licences-table.ts";
import { withMetrics } from "./metrics-table.ts";
import { withSettings } from "./settings-table.ts";

/** The documents that have tables of the code, and what writes them in. */
export const TABLES: Readonly<Record<string, (text: string) => string | Promise<string>>> = {
  "docs/adr/README.md": withDecisions,
  "docs/configuration.md": withSettings,
  "docs/errors.md": withErrors,
  "docs/supply-chain.md": withLicences,
  "docs/observability.md": withMetrics,
  "docs/sizing.md": withEngines,
  "docs/wire-protocol.md": withCommands,
};
