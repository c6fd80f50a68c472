import { readEnv, startSidecar } from "@byo-session/sidecar";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector, type LogCollector, type LogLine } from "./log-lines.ts";
import { createSidecarClient, type SidecarClient } from "./sidecar-client.ts";
import { prepareSidecarEnvironment, type SidecarEnvironment, type TestSidecarOptions } from "./sidecar-environment.ts";
import type { TestDatabase } from "./test-database.ts";

export interface TestSidecar
  extends SidecarClient,
    Readonly<Pick<SidecarEnvironment, "integrationKey" | "database" | "writeConfig">> {
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
  const prepared = await prepareSidecarEnvironment(options);
  const log = createLogCollector();
  const running = await startSidecar({
    settings: readEnv(prepared.env),
    logStream: log.stream,
    database: await prepared.database.open?.(),
  });
  return {
    ...reachSidecar(running.url, prepared, log),
    dashboardUrl: running.dashboardUrl ?? "",
    stop: stopAfterFile(() => running.stop()),
  };
}

/** What a test has of a sidecar, however it runs. */
export function reachSidecar(
  url: string,
  { integrationKey, database, writeConfig }: SidecarEnvironment,
  log: LogCollector,
): Omit<TestSidecar, "dashboardUrl" | "stop"> {
  return {
    ...createSidecarClient(url, integrationKey),
    integrationKey,
    database,
    writeConfig,
    sql: database.sql,
    advance: database.advance,
    logs: log.lines,
    logText: log.text,
  };
}

/** Starts several sidecars on one Postgres database, as replicas behind a load balancer. */
export async function startTestReplicas(count: number, options: TestSidecarOptions = {}): Promise<TestSidecar[]> {
  const first = await startTestSidecar(options);
  const others = Array.from({ length: count - 1 }, () => startTestSidecar({ ...options, database: first.database }));
  return [first, ...(await Promise.all(others))];
}
