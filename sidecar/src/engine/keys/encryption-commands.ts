import type { Command } from "commander";
import { inWords, isInUse, isNeeded, type KeyStatus, readEncryptionStatus } from "./encryption-status.ts";
import { keyName } from "./envelope.ts";
import type { KeyCommandsContext } from "./key-commands.ts";

/** Adds `encryption status`. */
export function addEncryptionCommands(program: Command, { withDatabase, print, tell }: KeyCommandsContext): void {
  const encryption = program.command("encryption").description("the key that the database is encrypted with");
  encryption
    .command("status")
    .description("show what is encrypted with which key; exits with 2 while another key than the current one is needed")
    .action(async () => {
      const [current, ...others] = await withDatabase(readEncryptionStatus);
      if (!current) return tell("No sidecar has used this database yet.");
      const needed = others.filter(isNeeded);
      const damaged = others.filter((key) => !key.isListed);
      print(lineOf("current", current));
      for (const key of needed) print(lineOf("needed", key));
      for (const key of damaged) print(lineOf("damaged", key));
      if (damaged.length > 0)
        tell("No key opens the damaged data, because it was changed or moved: restore it from a backup.");
      if (needed.length === 0) return tell("Nothing needs another key: you can remove ENCRYPTION_KEY_PREVIOUS.");
      tell(
        "Keep ENCRYPTION_KEY_PREVIOUS: a running sidecar re-encrypts the rest, and a key is needed until a minute after its last use.",
      );
      process.exitCode = 2;
    });
}

function lineOf(role: string, key: KeyStatus): string {
  const use = isInUse(key) ? "in use by a sidecar" : "not in use";
  return `${role}  ${keyName(key.prefix)}  ${use}  ${inWords(key.sealed) || "nothing sealed"}`;
}
