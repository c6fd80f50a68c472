import { type Command, InvalidArgumentError } from "commander";
import type { Database } from "../db/database.ts";
import { createKey, listKeys, revokeKey } from "./key-management.ts";
import type { KeyRow } from "./store.ts";

export interface KeyCommandsContext {
  withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T>;
  /** Writes a line of the result. */
  print(line: string): void;
  /** Writes a line for the person, separate from the result. */
  tell(line: string): void;
}

interface CreateOptions {
  name: string;
  commands?: string[];
  capabilities?: string[];
  expiresInDays?: number;
}

const DAY_SECS = 86_400;

/** Adds `keys create`, `keys list` and `keys revoke`, and returns `keys`. */
export function addKeyCommands(program: Command, { withDatabase, print, tell }: KeyCommandsContext): Command {
  const keys = program.command("keys").description("integration keys, with which applications talk to the sidecar");

  keys
    .command("create")
    .description("make a key and print it once")
    .requiredOption("--name <name>", "what the key is for")
    .option("--commands <names>", "allow these commands only, separated by commas", toList)
    .option(
      "--capabilities <names>",
      "with --commands: what the key may do besides; device:ignore accepts bound sessions without a proof",
      toList,
    )
    .option("--expires-in-days <days>", "let the key expire after this many days", toDays)
    .action(async ({ name, commands, capabilities, expiresInDays }: CreateOptions) => {
      const expiresInSecs = expiresInDays && expiresInDays * DAY_SECS;
      const options = { name, allowedCommands: commands, capabilities, expiresInSecs };
      const { id, key } = await withDatabase((db) => createKey(db, options));
      print(key);
      tell(`Made the key "${name}" (${id}). It is not shown again.`);
    });

  keys
    .command("list")
    .description("list the keys, without the secrets")
    .action(async () => {
      const rows = await withDatabase(listKeys);
      for (const line of toTable([HEADINGS, ...rows.map(toCells)])) print(line);
    });

  keys
    .command("revoke")
    .description("revoke a key")
    .argument("<id or name>")
    .action(async (idOrName: string) => {
      const revoked = await withDatabase((db) => revokeKey(db, idOrName));
      for (const { id, name } of revoked) tell(`Revoked the key "${name}" (${id}). It is refused within a second.`);
    });
  return keys;
}

function toList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function toDays(text: string): number {
  const days = Number(text);
  if (!(days > 0)) throw new InvalidArgumentError("Expected a number of days above 0.");
  return days;
}

const HEADINGS = ["ID", "NAME", "STATE", "COMMANDS", "CREATED", "EXPIRES", "LAST USED", "IGNORED DEVICES"];

function toCells(key: KeyRow): string[] {
  const commands = key.allowed_commands ? [...key.allowed_commands, ...key.capabilities].join(",") : "all";
  return [
    key.id,
    key.name,
    key.state,
    commands,
    toTime(key.created_at),
    toTime(key.expires_at),
    toTime(key.last_used_at),
    toTime(key.devices_ignored_at),
  ];
}

function toTime(secs: number | null): string {
  return secs === null ? "never" : new Date(secs * 1000).toISOString().replace(".000Z", "Z");
}

function toTable(rows: string[][]): string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
