import pino, { type Logger } from "pino";
import { createLog } from "./engine/log.ts";

/** Writes what Node would print in forms of its own, warnings and errors that nothing caught, as lines of the log. */
export function createProcessLog(): Logger {
  const log = createLog("info", pino.destination({ dest: 1, sync: true }));
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn({ err: warning }, "a warning of Node"));
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "the process ends because of an error that nothing caught");
    process.exit(1);
  });
  return log;
}

/** Why the sidecar cannot start: a sentence for a person at a terminal, otherwise a line of the log. */
export function reportFailedStart(log: Logger, error: unknown, isExplained: boolean): void {
  const explanation = isExplained && error instanceof Error ? error.message : undefined;
  if (process.stderr.isTTY) {
    const stack = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`The sidecar cannot start.\n${explanation ?? stack}\n`);
  } else if (explanation !== undefined) log.fatal(`The sidecar cannot start. ${explanation}`);
  else log.fatal({ err: error }, "The sidecar cannot start.");
}
