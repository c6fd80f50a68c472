#!/usr/bin/env node
import { readEnv } from "./engine/config/env.ts";
import { ConfigError } from "./engine/config/jsonc.ts";
import { DatabaseUnavailable } from "./engine/db/database.ts";
import { DatabaseLocked } from "./engine/db/embedded.ts";
import { MigrationError } from "./engine/db/migrate.ts";
import { EnvelopeError } from "./engine/keys/envelope.ts";
import { createProcessLog, reportFailedStart } from "./process-log.ts";
import { startSidecar } from "./start.ts";

/** Longer than any command takes, shorter than the grace period of container runtimes. */
const STOP_LIMIT_MS = 9_500;

/** In this time busy clients use each of their connections, and load balancers check a few times. */
const DRAIN_MS = 500;

/** Errors that the operator can fix: the message is enough, a stack would bury it. */
const EXPLAINED = [ConfigError, DatabaseUnavailable, DatabaseLocked, MigrationError, EnvelopeError];

const log = createProcessLog();
try {
  const starting = startSidecar({
    settings: readEnv(process.env),
    drainMs: DRAIN_MS,
    onFatal: () => process.exit(1),
  });
  // Ctrl-C and a supervisor's SIGTERM may both arrive at any time: the shutdown runs once.
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    void starting.then((sidecar) => sidecar.stop()).then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await starting;
} catch (error) {
  const isExplained = EXPLAINED.some((kind) => error instanceof kind);
  reportFailedStart(log, error, isExplained);
  process.exit(1);
}
