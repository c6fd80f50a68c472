#!/usr/bin/env node
import { explain } from "./engine/causes/explain.ts";
import { readEnv } from "./engine/config/env.ts";
import { createProcessLog, reportFailedStart } from "./process-log.ts";
import { startSidecar } from "./start.ts";

/** Longer than any command takes, shorter than the grace period of container runtimes. */
const STOP_LIMIT_MS = 9_500;

/** In this time busy clients use each of their connections, and load balancers check a few times. */
const DRAIN_MS = 500;

const stopped = new AbortController();

const log = createProcessLog();
try {
  const starting = startSidecar({
    settings: readEnv(process.env),
    drainMs: DRAIN_MS,
    signal: stopped.signal,
    onFatal: () => process.exit(1),
  });
  // Ctrl-C and a supervisor's SIGTERM may both arrive at any time: the shutdown runs once.
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    stopped.abort();
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    void starting
      .then((sidecar) => sidecar.stop())
      .then(
        () => process.exit(0),
        () => {},
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await starting;
} catch (error) {
  // Stopped while it waited for the database: that is no failure.
  if (stopped.signal.aborted) process.exit(0);
  const { message, exit } = explain(error);
  reportFailedStart(log, message);
  process.exit(exit);
}
