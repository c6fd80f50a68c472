#!/usr/bin/env node
import { Command } from "commander";
import { readEnv } from "./config/env.ts";
import { ConfigError } from "./config/jsonc.ts";
import { OwnerError } from "./dashboard/users/owner.ts";
import { addOwnerCommands } from "./dashboard/users/owner-commands.ts";
import { type Database, DatabaseUnavailable } from "./db/database.ts";
import { DatabaseLocked } from "./db/embedded.ts";
import { MigrationError } from "./db/migrate.ts";
import { openDatabase } from "./db/open.ts";
import { addEncryptionCommands } from "./keys/encryption-commands.ts";
import { addKeyCommands } from "./keys/key-commands.ts";
import { KeyManagementError } from "./keys/key-management.ts";
import { addEraseCommand } from "./privacy/erase-command.ts";

/** Errors whose message is all that a person needs. */
const EXPLAINED = [ConfigError, DatabaseLocked, DatabaseUnavailable, KeyManagementError, MigrationError, OwnerError];

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(readEnv(), { lockRetries: 0 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const program = new Command("byo").description("administers a sidecar, with the same environment variables");
const context = {
  withDatabase,
  print: (line: string) => console.log(line),
  tell: (line: string) => console.error(line),
};
addKeyCommands(program, context);
addEncryptionCommands(program, context);
addOwnerCommands(program, context);
addEraseCommand(program, context);

try {
  await program.parseAsync();
} catch (error) {
  const isExplained = EXPLAINED.some((kind) => error instanceof kind);
  console.error(isExplained && error instanceof Error ? `byo: ${error.message}` : error);
  if (error instanceof DatabaseUnavailable)
    console.error("Is it running, and is DATABASE_URL right?", error.cause ?? "");
  process.exitCode = 1;
}
