import type { Command } from "commander";
import type { KeyCommandsContext } from "../../engine/keys/key-commands.ts";
import { resetOwner } from "./owner.ts";

interface ResetOptions {
  username?: string;
}

/** Adds `owner reset`. */
export function addOwnerCommands(program: Command, { withDatabase, print, tell }: KeyCommandsContext): void {
  const owner = program.command("owner").description("the owner of the dashboard");
  owner
    .command("reset")
    .description("give an owner who cannot log in a temporary password, and print it once")
    .option("--username <name>", "the owner; default: the first one")
    .action(async ({ username }: ResetOptions) => {
      const made = await withDatabase((db) => resetOwner(db, username));
      print(made.password);
      tell(`The temporary password of ${made.username}. It expires in an hour. All logins of that person have ended.`);
    });
}
