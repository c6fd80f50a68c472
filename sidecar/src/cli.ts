#!/usr/bin/env node
import { Command } from "commander";
import { readEnv } from "./config/env.ts";
import { ConfigError } from "./config/jsonc.ts";
import { type Database, DatabaseUnavailable } from "./db/database.ts";
import { DatabaseLocked } from "./db/embedded.ts";
import { MigrationError } from "./db/migrate.ts";
import { openDatabase } from "./db/open.ts";
import { addKeyCommands } from "./keys/key-commands.ts";
import { KeyManagementError } from "./keys/key-management.ts";

/** Errors whose message is all that a person needs. */
const EXPLAINED = [ConfigError, DatabaseLocked, DatabaseUnavailable, KeyManagementError, MigrationError];

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(readEnv(), { lockRetries: 0 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const program = new Command("byo").description("administers a sidecar, with the same environment variables");
addKeyCommands(program, {
  withDatabase,
  print: (line) => console.log(line),
  tell: (line) => console.error(line),
});

try {
  await program.parseAsync();
} catch (error) {
  const isExplained = EXPLAINED.some((kind) => error instanceof kind);
  console.error(isExplained && error instanceof Error ? `byo: ${error.message}` : error);
  if (error instanceof DatabaseUnavailable)
    console.error("Is it running, and is DATABASE_URL right?", error.cause ?? "");
  process.exitCode = 1;
}
