#!/usr/bin/env node
import { Command } from "commander";
import { OwnerError } from "./dashboard/users/owner.ts";
import { addOwnerCommands } from "./dashboard/users/owner-commands.ts";
import { readEnv } from "./engine/config/env.ts";
import { ConfigError } from "./engine/config/jsonc.ts";
import { type Database, DatabaseUnavailable } from "./engine/db/database.ts";
import { DatabaseLocked } from "./engine/db/embedded.ts";
import { MigrationError } from "./engine/db/migrate.ts";
import { openDatabase } from "./engine/db/open.ts";
import { addEncryptionCommands } from "./engine/keys/encryption-commands.ts";
import { addKeyCommands } from "./engine/keys/key-commands.ts";
import { KeyManagementError } from "./engine/keys/key-management.ts";
import { addEraseCommand } from "./engine/privacy/erase-command.ts";

/** Errors whose message is enough; a stack would only distract. */
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
