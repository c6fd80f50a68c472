import { readEnv, startSidecar } from "@byo-session/sidecar";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector, type LogLine } from "./log-lines.ts";
import { createSidecarClient, type SidecarClient } from "./sidecar-client.ts";
import {
  prepareSidecarEnvironment,
  type SidecarEnvironment,
  TEST_INTEGRATION_KEY,
  type TestSidecarOptions,
} from "./sidecar-environment.ts";
import type { TestDatabase } from "./test-database.ts";

export interface TestSidecar extends SidecarClient, Pick<SidecarEnvironment, "database" | "writeConfig"> {
  readonly integrationKey: string;
  /** Where the dashboard answers. */
  readonly dashboardUrl: string;
  sql: TestDatabase["sql"];
  advance: TestDatabase["advance"];
  logs(): LogLine[];
  logText(): string;
  /** Also done at the end of the test file. */
  stop(): Promise<void>;
}

/** Starts the real sidecar in this process, on a database of this project's kind and a free port. */
export async function startTestSidecar(options: TestSidecarOptions = {}): Promise<TestSidecar> {
  const { env, database, writeConfig } = await prepareSidecarEnvironment(options);
  const log = createLogCollector();
  const running = await startSidecar({
    settings: readEnv(env),
    logStream: log.stream,
    database: await database.open?.(),
  });
  const integrationKey = env.INITIAL_INTEGRATION_KEY ?? TEST_INTEGRATION_KEY;
  return {
    ...createSidecarClient(running.url, integrationKey),
    integrationKey,
    dashboardUrl: running.dashboardUrl ?? "",
    database,
    writeConfig,
    sql: database.sql,
    advance: database.advance,
    logs: log.lines,
    logText: log.text,
    stop: stopAfterFile(() => running.stop()),
  };
}

/** Starts several sidecars on one Postgres database, as replicas behind a load balancer. */
export async function startTestReplicas(count: number, options: TestSidecarOptions = {}): Promise<TestSidecar[]> {
  const first = await startTestSidecar(options);
  const others = Array.from({ length: count - 1 }, () => startTestSidecar({ ...options, database: first.database }));
  return [first, ...(await Promise.all(others))];
}
