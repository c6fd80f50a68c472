import type { Command } from "commander";
import type { KeyCommandsContext } from "../keys/key-commands.ts";
import { eraseUser } from "./erase.ts";

interface EraseOptions {
  user: string;
}

/** Adds `erase`. */
export function addEraseCommand(program: Command, { withDatabase, tell }: KeyCommandsContext): void {
  program
    .command("erase")
    .description("anonymise all data of a user; this cannot be undone")
    .requiredOption("--user <id>", "the user id, as the application passes it")
    .action(async ({ user }: EraseOptions) => {
      const { sessions, events, devices, impersonations } = await withDatabase((db) => eraseUser(db, user));
      tell(
        `Anonymised ${sessions} sessions and ${impersonations} impersonations, which have ended, and ${events} events.`,
      );
      tell(`Forgot ${devices} devices.`);
    });
}
