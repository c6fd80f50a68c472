import { randomBytes, randomUUID } from "node:crypto";
import { COMMAND_SCHEMAS } from "@byo-session/core/contract";
import type { Database } from "../db/database.ts";
import { hashKey, KEY_PREFIX } from "./integration-keys.ts";
import { insertKey, type KeyRow, revokeKeys, selectKeys } from "./store.ts";

/** An order about integration keys that cannot be carried out. The message says what to do instead. */
export class KeyManagementError extends Error {
  override readonly name = "KeyManagementError";
  readonly code: "ERR_KEY_NAME" | "ERR_KEY_NAME_TAKEN" | "ERR_KEY_COMMANDS" | "ERR_KEY_EXPIRY" | "ERR_KEY_NOT_FOUND";

  constructor(code: KeyManagementError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export interface NewKeyOptions {
  name: string;
  /** Undefined: every command. */
  allowedCommands?: readonly string[];
  /** From now, by the database's clock. Undefined: never. */
  expiresInSecs?: number;
}

const RANDOM_BYTES = 32;
const MAX_EXPIRY_SECS = 10 * 365 * 86_400;

/** A new integration key: `api_` and 256 random bits. */
export function generateKey(): string {
  return KEY_PREFIX + randomBytes(RANDOM_BYTES).toString("base64url");
}

/** Makes an integration key. What it returns is the only copy of the key. Throws a `KeyManagementError`. */
export async function createKey(db: Database, options: NewKeyOptions): Promise<{ id: string; key: string }> {
  const { name, allowedCommands, expiresInSecs } = options;
  if (!/^[^\p{Cc}]{1,100}$/u.test(name) || name.trim() !== name) {
    throw new KeyManagementError("ERR_KEY_NAME", "Expected a name of 1 to 100 characters, without spaces around it.");
  }
  const known = Object.keys(COMMAND_SCHEMAS);
  const unknown = allowedCommands?.filter((command) => !known.includes(command)) ?? [];
  if (unknown.length > 0 || allowedCommands?.length === 0) {
    const wrong = unknown.length > 0 ? `Not a command: ${unknown.join(", ")}. ` : "";
    throw new KeyManagementError("ERR_KEY_COMMANDS", `${wrong}Expected some of: ${known.join(", ")}.`);
  }
  if (expiresInSecs !== undefined && !(expiresInSecs > 0 && expiresInSecs <= MAX_EXPIRY_SECS)) {
    throw new KeyManagementError("ERR_KEY_EXPIRY", "Expected an expiry between now and ten years from now.");
  }
  const id = randomUUID();
  const key = generateKey();
  const made = await insertKey(db, { id, name, keyHash: hashKey(key), allowedCommands, expiresInSecs, initial: false });
  if (!made) {
    throw new KeyManagementError(
      "ERR_KEY_NAME_TAKEN",
      `There is an active key named "${name}". Choose another name, or revoke that one first.`,
    );
  }
  return { id, key };
}

/** All keys, the oldest first, also those that are revoked or have expired. */
export function listKeys(db: Database): Promise<KeyRow[]> {
  return selectKeys(db);
}

/** Revokes the key with this id, or all with this name, and gives them. Throws a `KeyManagementError`. */
export async function revokeKey(db: Database, idOrName: string): Promise<KeyRow[]> {
  const revoked = await revokeKeys(db, idOrName);
  if (revoked.length > 0) return revoked;
  const before = (await selectKeys(db)).some((key) => key.id === idOrName || key.name === idOrName);
  throw new KeyManagementError(
    "ERR_KEY_NOT_FOUND",
    before ? `"${idOrName}" is revoked already.` : `No key has the id or name "${idOrName}". See: byo keys list`,
  );
}
