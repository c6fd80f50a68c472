import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { type PostgresBinaries, type PostgresVersion, preparePostgresBinaries } from "./postgres-binaries.ts";

export interface PostgresCluster {
  readonly port: number;
  readonly dataDir: string;
  /** The connection string of one of its databases. */
  urlOf(database: string): string;
  /** Ends the server at once, as a crash would; its data stays for `start`. */
  kill(): Promise<void>;
  /** Ends the server as an operator would: everything is written, and a copy of its data is complete. */
  stop(): Promise<void>;
  /** Starts the server again after `kill` or `stop`, on the same port. */
  start(): Promise<void>;
  /** Writes a file into the folder of its data, such as `standby.signal` before `start`. */
  write(name: string, content: string): Promise<void>;
  /** Ends the server and deletes its data. */
  destroy(): Promise<void>;
}

const START_LIMIT_MS = 30_000;
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "300",
  shared_buffers: "64MB",
  // Test data need not survive a power cut. Commits stay ordered and a killed server still recovers.
  fsync: "off",
  full_page_writes: "off",
};

export interface ClusterOptions {
  /** Settings besides the usual ones. */
  settings?: Record<string, string>;
  /** Files in the folder of its data, such as `pg_hba.conf`. */
  files?: Record<string, string>;
  /** The folder in which it makes its own. Default: that for temporary files. */
  parent?: string;
  /** A stopped server whose data the new one gets, to become its standby. */
  copyOf?: PostgresCluster;
}

/** Makes a Postgres server of its own in a temporary folder and starts it. */
export async function createPostgresCluster(
  version: PostgresVersion,
  { settings = {}, files = {}, parent = tmpdir(), copyOf }: ClusterOptions = {},
): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(parent, "byo-postgres-"));
  const binaries = await preparePostgresBinaries(version, folder);
  const dataDir = join(folder, "data");
  const { uid, gid } = binaries.user;
  const give = async (path: string) => {
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  };
  await mkdir(dataDir, { mode: 0o700 });
  await give(dataDir);
  const initdbFlags = ["--auth=trust", "--username=byo", "--encoding=UTF8", "--locale=C", "--no-sync"];
  if (copyOf) {
    await promisify(execFile)("cp", ["-a", `${copyOf.dataDir}/.`, dataDir]);
  } else {
    await promisify(execFile)(binaries.initdb, [`--pgdata=${dataDir}`, ...initdbFlags], {
      ...binaries.user,
      cwd: folder,
    });
  }
  async function write(name: string, content: string): Promise<void> {
    const path = join(dataDir, name);
    await writeFile(path, content, { mode: 0o600 });
    await give(path);
  }
  for (const [name, content] of Object.entries(files)) await write(name, content);
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
    server = await startServer(binaries, dataDir, port, urlOf("postgres"), settings);
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
    dataDir,
    urlOf,
    start,
    write,
    stop: () => end("SIGINT"),
    kill: () => end("SIGQUIT"),
    async destroy() {
      await end("SIGINT");
      process.off("exit", abandon);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(
  { postgres, user }: PostgresBinaries,
  dataDir: string,
  port: number,
  url: string,
  settings: Record<string, string>,
) {
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
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
