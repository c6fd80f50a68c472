import type { Command } from "commander";
import type { KeyCommandsContext } from "../../engine/keys/key-commands.ts";
import { createFirstOwner, resetOwner } from "./owner.ts";

interface ResetOptions {
  username?: string;
}

/** Adds `owner create` and `owner reset`. */
export function addOwnerCommands(program: Command, { withDatabase, print, tell }: KeyCommandsContext): void {
  const owner = program.command("owner").description("the owner of the dashboard");
  owner
    .command("create")
    .description("make the first account of the dashboard with a temporary password, and print it once")
    .requiredOption("--username <name>", "the name to log in with")
    .action(async ({ username }: Required<ResetOptions>) => {
      print(await withDatabase((db) => createFirstOwner(db, username)));
      tell(`The temporary password of ${username}. It expires in an hour.`);
    });
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
