import pino, { type Logger } from "pino";
import { createLog } from "./engine/log.ts";

/** Writes what Node would print in forms of its own, warnings and errors that nothing caught, as lines of the log. */
export function createProcessLog(): Logger {
  const log = createLog("info", pino.destination({ dest: 1, sync: true }));
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn({ err: warning }, "a warning from Node"));
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "the process ends because of an uncaught error");
    process.exit(1);
  });
  return log;
}

/** Why the sidecar cannot start: as it is for a person at a terminal, otherwise as a line of the log. */
export function reportFailedStart(log: Logger, why: string): void {
  if (process.stderr.isTTY) process.stderr.write(`The sidecar cannot start.\n${why}\n`);
  else log.fatal(`The sidecar cannot start. ${why}`);
}
