import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { Database } from "../../sidecar/src/engine/db/database.ts";
import { openEmbedded } from "../../sidecar/src/engine/db/embedded.ts";
import { ADVANCE_TEST_CLOCK } from "../../testing/src/sidecar/clock-store.ts";
import { stopAfterFile } from "./leftovers.ts";
import type { ProvidedDatabase, ProvidedPostgres } from "./provided.ts";
import "./provided.ts";
import { createSqlRunner, runSql } from "./run-sql.ts";
import { awaitingCaches } from "./session-cache.ts";

export interface TestDatabase {
  readonly kind: "postgres" | "embedded";
  /** What a sidecar's environment says to reach it: DATABASE_URL, or DATA_DIR. */
  readonly env: Record<string, string>;
  /** Runs SQL beside the sidecars, and gives the rows. */
  sql<Row extends Record<string, unknown> = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** Moves the time of every sidecar on this database forward. */
  advance(secs: number): Promise<void>;
  /** Opens the embedded database for this process, whose sidecars share it. Undefined for Postgres and when empty. */
  open?(): Promise<Database>;
  /** Another database with all that is in this one now: a backup. No sidecar may run on this one meanwhile. */
  copy(): Promise<TestDatabase>;
  /** Also done at the end of the test file. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** No tables and no test clock: what a first start finds. */
  empty?: boolean;
}

/** A separate database of this project's kind: a copy of the migrated template. */
export function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  return createTestDatabaseOn(inject("database"), options);
}

/** The same on a server that a test has started for itself. */
export async function createTestDatabaseOn(
  provided: ProvidedDatabase,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  return awaitingCaches(
    await (provided.kind === "postgres" ? onPostgres(provided, options) : onEmbedded(provided, options)),
  );
}

function onPostgres(provided: ProvidedPostgres, { empty }: TestDatabaseOptions): Promise<TestDatabase> {
  return copyOnPostgres(provided, empty ? "template0" : provided.template);
}

const END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";

async function copyOnPostgres(provided: ProvidedPostgres, template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  // Copying files costs half of what copying through the log does; Postgres 14 knows no other way.
  const strategy = provided.version === "oldest" ? "" : "STRATEGY file_copy";
  await runSql(provided.adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} ${strategy}`);
  const url = new URL(provided.adminUrl);
  url.pathname = `/${name}`;
  const { run: sql, close } = createSqlRunner(url.href);
  return {
    kind: "postgres",
    env: { DATABASE_URL: url.href },
    sql,
    advance: async (secs) => void (await sql(ADVANCE_TEST_CLOCK, [secs])),
    async copy() {
      await runSql(provided.adminUrl, END_CONNECTIONS, [name]);
      return awaitingCaches(await copyOnPostgres(provided, name));
    },
    drop: stopAfterFile(async () => {
      await runSql(provided.adminUrl, `DROP DATABASE ${name} WITH (FORCE)`);
      await close();
    }),
  };
}

function onEmbedded(
  provided: Exclude<ProvidedDatabase, ProvidedPostgres>,
  { empty }: TestDatabaseOptions,
): Promise<TestDatabase> {
  return copyOfFolder(empty ? undefined : provided.templateDir);
}

async function copyOfFolder(folder: string | undefined): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "byo-data-"));
  if (folder !== undefined) await cp(folder, dataDir, { recursive: true });
  let opened: Promise<Database> | undefined;
  async function open(): Promise<Database> {
    opened ??= openEmbedded({ dataDir, onLost: rethrow });
    return await opened;
  }
  const sql: TestDatabase["sql"] = async (text, values) => (await open()).query({ name: "test", text }, values);
  return {
    kind: "embedded",
    env: { DATA_DIR: dataDir },
    sql,
    advance: async (secs) => void (await sql(ADVANCE_TEST_CLOCK, [secs])),
    ...(folder === undefined ? {} : { open }),
    async copy() {
      await (await opened)?.close();
      opened = undefined;
      return awaitingCaches(await copyOfFolder(dataDir));
    },
    drop: stopAfterFile(async () => {
      await (await opened)?.close();
      await rm(dataDir, { recursive: true, force: true });
    }),
  };
}

function rethrow(reason: Error): never {
  throw reason;
}
