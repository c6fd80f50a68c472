#!/usr/bin/env node
import { readEnv } from "./engine/config/env.ts";
import { ConfigError } from "./engine/config/jsonc.ts";
import { DatabaseUnavailable } from "./engine/db/database.ts";
import { DatabaseLocked } from "./engine/db/embedded.ts";
import { MigrationError } from "./engine/db/migrate.ts";
import { EnvelopeError } from "./engine/keys/envelope.ts";
import { startSidecar } from "./start.ts";

/** Longer than any command takes, shorter than the patience of what stops containers. */
const STOP_LIMIT_MS = 9_500;

/** Clients that are busy use each of their connections within this; a load balancer asks a few times. */
const DRAIN_MS = 500;

/** What the operator can mend: the message is enough, a stack would bury it. */
const EXPLAINED = [ConfigError, DatabaseUnavailable, DatabaseLocked, MigrationError, EnvelopeError];

try {
  const starting = startSidecar({
    settings: readEnv(process.env),
    drainMs: DRAIN_MS,
    onFatal: () => process.exit(1),
  });
  // A terminal's Ctrl-C and a supervisor's SIGTERM may both come, at any time: what is under way is finished once.
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
  const explained = EXPLAINED.some((kind) => error instanceof kind);
  process.stderr.write(`The sidecar cannot start.\n${explained ? (error as Error).message : (error as Error).stack}\n`);
  process.exit(1);
}
