import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { type PostgresBinaries, type PostgresVersion, preparePostgresBinaries } from "./postgres-binaries.ts";

export interface PostgresCluster {
  readonly port: number;
  /** The connection string of one of its databases. */
  urlOf(database: string): string;
  /** Ends the server at once, as a crash would; its data stays for `start`. */
  kill(): Promise<void>;
  /** Starts the server again after `kill`, on the same port. */
  start(): Promise<void>;
  /** Ends the server and deletes its data. */
  destroy(): Promise<void>;
}

const START_LIMIT_MS = 30_000;
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "64MB",
  // Test data need not survive a power cut. Commits stay ordered and a killed server still recovers.
  fsync: "off",
  full_page_writes: "off",
};

/** Makes a Postgres server of its own in a temporary folder and starts it. */
export async function createPostgresCluster(version: PostgresVersion): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(tmpdir(), "byo-postgres-"));
  const binaries = await preparePostgresBinaries(version, folder);
  const dataDir = join(folder, "data");
  await mkdir(dataDir, { mode: 0o700 });
  const { uid, gid } = binaries.user;
  if (uid !== undefined && gid !== undefined) await chown(dataDir, uid, gid);
  const initdbFlags = ["--auth=trust", "--username=byo", "--encoding=UTF8", "--locale=C", "--no-sync"];
  await promisify(execFile)(binaries.initdb, [`--pgdata=${dataDir}`, ...initdbFlags], {
    ...binaries.user,
    cwd: folder,
  });
  const port = await freePort();
  const urlOf = (database: string) => `postgres://byo@127.0.0.1:${port}/${database}`;

  let server: ChildProcess | undefined;
  // A test run that is ended with Ctrl-C must not leave a server or its files behind.
  const abandon = () => {
    server?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", abandon);

  async function start(): Promise<void> {
    server = await startServer(binaries, dataDir, port, urlOf("postgres"));
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, "exit");
    running.kill(signal);
    await exit;
  }
  await start();
  return {
    port,
    urlOf,
    start,
    kill: () => end("SIGQUIT"),
    async destroy() {
      await end("SIGINT");
      process.off("exit", abandon);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer({ postgres, user }: PostgresBinaries, dataDir: string, port: number, url: string) {
  const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(postgres, ["-D", dataDir, "-p", String(port), ...flags], {
    ...user,
    cwd: dataDir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  server.stderr.on("data", (chunk: Buffer) => {
    log = `${log}${chunk}`.slice(-4000);
  });
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(url))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill("SIGQUIT");
      throw new Error(`Postgres did not start for the tests. Its log ends with:\n${log}`);
    }
    await sleep(50);
  }
  return server;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
