import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { freePort } from "../../test/harness/free-port.ts";
import type { PostgresCluster } from "../../test/harness/postgres-cluster.ts";
import type { Surroundings } from "./measure.ts";

const SIDECAR = fileURLToPath(new URL("../../sidecar/src/main.ts", import.meta.url));
const START_LIMIT_MS = 30_000;

/** The sidecar on a real Postgres, beside a database for the others. */
export async function startServers(cluster: PostgresCluster): Promise<Surroundings & { stop(): Promise<void> }> {
  const admin = new pg.Client({ connectionString: cluster.urlOf("postgres") });
  await admin.connect();
  await admin.query("CREATE DATABASE byo");
  await admin.query("CREATE DATABASE peers");
  const { rows } = await admin.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const postgresPid = parentOf(rows[0]?.pid ?? 0);
  await admin.end();

  const port = await freePort();
  const key = `api_${randomBytes(32).toString("base64url")}`;
  const sidecar = spawn(process.execPath, ["--conditions=@byo-session/source", SIDECAR], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: cluster.urlOf("byo"),
      INITIAL_INTEGRATION_KEY: key,
      ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      LOG_LEVEL: "error",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await ready(sidecar, url);
  return {
    env: { DATABASE_URL: cluster.urlOf("peers"), BYO_URL: url, BYO_INTEGRATION_KEY: key },
    postgresPid,
    sidecarPid: sidecar.pid ?? 0,
    async stop() {
      const exit = once(sidecar, "exit");
      sidecar.kill("SIGTERM");
      await exit;
    },
  };
}

async function ready(sidecar: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (sidecar.exitCode !== null || Date.now() > deadline) throw new Error("the sidecar did not become ready");
    await sleep(50);
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
