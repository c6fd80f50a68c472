#!/usr/bin/env node
import { Command } from "commander";
import { OwnerError } from "./dashboard/users/owner.ts";
import { addOwnerCommands } from "./dashboard/users/owner-commands.ts";
import { explain } from "./engine/causes/explain.ts";
import { readEnv } from "./engine/config/env.ts";
import type { Database } from "./engine/db/database.ts";
import { addMigrateCommand } from "./engine/db/migrate-command.ts";
import { openDatabase, type WantedSchema } from "./engine/db/open.ts";
import { addEncryptionCommands } from "./engine/keys/encryption-commands.ts";
import { addKeyCommands } from "./engine/keys/key-commands.ts";
import { KeyManagementError } from "./engine/keys/key-management.ts";
import { addEraseCommand } from "./engine/privacy/erase-command.ts";
import { addRecoverCommand, RecoveryError } from "./engine/recovery/recover-command.ts";

async function withDatabase<T>(work: (db: Database) => Promise<T>, schema: WantedSchema = "served"): Promise<T> {
  const db = await openDatabase({ ...readEnv(), databaseWaitSecs: 0 }, { schema, lockRetries: 0 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const program = new Command("byo").description("administers a sidecar, with the same environment variables");
const context = {
  // Not the function itself: a command must not choose another schema.
  withDatabase: <T>(work: (db: Database) => Promise<T>) => withDatabase(work),
  print: (line: string) => console.log(line),
  tell: (line: string) => console.error(line),
};
const keys = addKeyCommands(program, context);
const encryption = { ...context, encryptionSettings: () => readEnv() };
addEncryptionCommands(keys, encryption);
// Where it was in versions before.
addEncryptionCommands(program, encryption, { hidden: true });
addOwnerCommands(program, context);
addEraseCommand(program, context);
addRecoverCommand(program, context);
addMigrateCommand(program, {
  ...context,
  asItIs: (work) => withDatabase(work, "any"),
  migrated: () => withDatabase(async () => {}, "newest"),
});

try {
  await program.parseAsync();
} catch (error) {
  const { message, exit } = isRefusal(error) ? { message: error.message, exit: 1 } : explain(error);
  console.error(`byo: ${message}`);
  process.exitCode = exit;
}

function isRefusal(error: unknown): error is Error {
  return [KeyManagementError, OwnerError, RecoveryError].some((kind) => error instanceof kind);
}
