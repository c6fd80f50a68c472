#!/usr/bin/env node
import { Command } from "commander";
import { OwnerError } from "./dashboard/users/owner.ts";
import { addOwnerCommands } from "./dashboard/users/owner-commands.ts";
import { explain } from "./engine/causes/explain.ts";
import { readEnv } from "./engine/config/env.ts";
import type { Database } from "./engine/db/database.ts";
import { openDatabase } from "./engine/db/open.ts";
import { addEncryptionCommands } from "./engine/keys/encryption-commands.ts";
import { addKeyCommands } from "./engine/keys/key-commands.ts";
import { KeyManagementError } from "./engine/keys/key-management.ts";
import { addEraseCommand } from "./engine/privacy/erase-command.ts";
import { addRecoverCommand, RecoveryError } from "./engine/recovery/recover-command.ts";

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ ...readEnv(), databaseWaitSecs: 0 }, { lockRetries: 0 });
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
addRecoverCommand(program, context);

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
