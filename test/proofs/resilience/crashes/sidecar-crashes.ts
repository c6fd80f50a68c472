import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { countLosses, LOAD_CONFIG, type Losses, startLoad, type ToldSession } from "./load.ts";

export interface CrashReport extends Losses {
  /** Sessions that nobody had ended and that were refused. */
  refused: number;
  brokenOff: number;
  slowestRestartMs: number;
}

/** Kills a sidecar under load with kill -9 and starts it again, so many times; then asks about all it had acknowledged. */
export async function crashSidecar(database: "Postgres" | "embedded", crashes: number): Promise<CrashReport> {
  const options = { database: await createTestDatabase(), config: LOAD_CONFIG, env: await environmentOf(database) };
  const told: ToldSession[] = [];
  let sidecar = await spawnTestSidecar(options);
  let slowestRestartMs = 0;
  let refused = 0;
  let brokenOff = 0;
  for (let crash = 0; crash < crashes; crash++) {
    const load = startLoad([sidecar]);
    await load.grow(10);
    await sidecar.kill("SIGKILL");
    const start = performance.now();
    await load.stop();
    told.push(...load.sessions);
    refused += load.counts.refused;
    brokenOff += load.counts.brokenOff;
    sidecar = await spawnTestSidecar(options);
    slowestRestartMs = Math.max(slowestRestartMs, Math.round(performance.now() - start));
  }
  return { ...(await countLosses(told, sidecar)), refused, brokenOff, slowestRestartMs };
}

async function environmentOf(database: "Postgres" | "embedded"): Promise<Record<string, string | undefined>> {
  if (database === "Postgres") return { LOG_LEVEL: "warn" };
  const dataDir = await mkdtemp(join(tmpdir(), "byo-crash-"));
  stopAfterFile(() => rm(dataDir, { recursive: true, force: true }));
  return { LOG_LEVEL: "warn", DATABASE_URL: undefined, DATA_DIR: dataDir };
}
