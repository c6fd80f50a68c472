import type { Command } from "commander";
import type { Database } from "./database.ts";
import { readSchemaState, type SchemaState } from "./schema.ts";

export interface MigrateCommandContext {
  /** Opens the database and changes nothing in it. */
  asItIs<T>(work: (db: Database) => Promise<T>): Promise<T>;
  /** Opens the database and applies what is missing. */
  migrated(): Promise<void>;
  print(line: string): void;
  tell(line: string): void;
}

/** Adds `migrate`: the only command that changes the schema. */
export function addMigrateCommand(program: Command, { asItIs, migrated, print, tell }: MigrateCommandContext): void {
  program
    .command("migrate")
    .description("bring the database to the schema of this version")
    .option("--check", "change nothing; exits with 2 if there is something to apply")
    .action(async ({ check }: { check?: boolean }) => {
      const state = await asItIs((db) => readSchemaState(db));
      if (state.pending.length === 0) return tell(`Nothing to apply: ${inWords(state)}.`);
      for (const { version, servesFrom } of state.pending)
        print(
          `${name(version)}  ${servesFrom < version ? `runs beside versions from ${name(servesFrom)}` : "needs all replicas of older versions to be replaced"}`,
        );
      if (check) {
        tell(`To be applied: ${inWords(state)}.`);
        process.exitCode = 2;
        return;
      }
      await migrated();
      tell(`Applied: the database was at ${name(state.at)} and is at ${name(state.own)}.`);
    });
}

function inWords({ at, own }: SchemaState): string {
  return `the database is ${at === 0 ? "empty" : `at ${name(at)}`}, and this version ends with ${name(own)}`;
}

/** As the file is called. */
function name(version: number): string {
  return String(version).padStart(6, "0");
}
