import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { freePort } from "../../test/harness/free-port.ts";
import { createPostgresCluster } from "../../test/harness/postgres-cluster.ts";
import type { Contestant } from "./contestants.ts";
import { isInstalled, profileFlags } from "./processes.ts";

export interface Server {
  pid: number;
  url: string;
  stop(): Promise<void>;
}

/** The servers that the apps use. */
export interface Servers {
  postgres: { pid: number; urlOf(database: string): string };
  /** Undefined if this machine has none. */
  redis: Server | undefined;
  /** All on one database: with default settings, without the session cache and holds, and without the fast path too. */
  sidecars: Record<NonNullable<Contestant["sidecar"]>, Server>;
  integrationKey: string;
  /** One more sidecar on the same database, with default settings. */
  startReplica(): Promise<Server>;
  stop(): Promise<void>;
}

const SIDECAR = fileURLToPath(new URL("../../sidecar/src/main.ts", import.meta.url));
const START_LIMIT_MS = 120_000;
export const DATABASES = { byo: "byo", peers: "peers", betterAuth: "better_auth" } as const;

export async function startServers(profile: string | undefined): Promise<Servers> {
  const cluster = await createPostgresCluster("newest");
  const pid = await prepareDatabases(cluster.urlOf("postgres"));
  const integrationKey = `api_${randomBytes(32).toString("base64url")}`;
  const env = {
    DATABASE_URL: cluster.urlOf(DATABASES.byo),
    INITIAL_INTEGRATION_KEY: integrationKey,
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    LOG_LEVEL: "error",
  };
  const redis = await startRedis();
  const [byDefault, cacheOff, runCommand] = await Promise.all([
    startSidecar("default", env, profile),
    startSidecar("cache-off", { ...env, SESSION_CACHE: "off" }, profile),
    startSidecar("run-command", { ...env, SESSION_CACHE: "off", FAST_PATH: "off" }, profile),
  ]);
  const sidecars = { default: byDefault, "cache-off": cacheOff, "run-command": runCommand };
  return {
    postgres: { pid, urlOf: cluster.urlOf },
    redis,
    sidecars,
    integrationKey,
    startReplica: () => startSidecar("replica", env, profile),
    async stop() {
      for (const server of [...Object.values(sidecars), redis]) await server?.stop();
      await cluster.destroy();
    },
  };
}

async function prepareDatabases(adminUrl: string): Promise<number> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  for (const name of Object.values(DATABASES)) await admin.query(`CREATE DATABASE ${name}`);
  const { rows } = await admin.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const status = readFileSync(`/proc/${rows[0]?.pid}/status`, "utf8");
  await admin.end();
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

async function startSidecar(
  name: string,
  variables: Record<string, string>,
  profile: string | undefined,
): Promise<Server> {
  const flags = ["--conditions=@byo-session/source", ...profileFlags(profile, `sidecar, ${name}`)];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [...flags, SIDECAR], {
    env: { PATH: process.env.PATH, PORT: String(port), ...variables },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await untilReady(child, async () => (await fetch(`${url}/readyz`)).ok);
  return serverOf(child, url);
}

/** A separate server without persistence; the Debian package redis-server has the program. */
async function startRedis(): Promise<Server | undefined> {
  const program = ["redis-server", "valkey-server"].find(isInstalled);
  if (program === undefined) return undefined;
  const port = await freePort();
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn(program, flags, { stdio: "ignore" });
  await sleep(500);
  return serverOf(child, `redis://127.0.0.1:${port}`);
}

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + START_LIMIT_MS; ; await sleep(50)) {
    if (await isReady().catch(() => false)) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("the sidecar did not become ready");
  }
}

function serverOf(child: ChildProcess, url: string): Server {
  return {
    pid: child.pid ?? 0,
    url,
    async stop() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
    },
  };
}
