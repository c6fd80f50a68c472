import { randomBytes, randomUUID } from "node:crypto";
import { COMMAND_NAMES } from "@byo-session/core/contract";
import type { AuditLog } from "../audit/audit-log.ts";
import type { AuditEvent } from "../audit/event.ts";
import { insertAuditRows } from "../audit/store.ts";
import type { Database } from "../db/database.ts";
import { isKeyCapability, KEY_CAPABILITIES, type KeyCapability } from "./capabilities.ts";
import { hashKey, KEY_PREFIX } from "./integration-keys.ts";
import { insertKey, type KeyRow, limitKey, type NewKey, revokeKeys, selectKeys } from "./store.ts";

/** A command about integration keys that is not possible. The message says what to do instead. */
export class KeyManagementError extends Error {
  override readonly name = "KeyManagementError";
  readonly code:
    | "ERR_KEY_NAME"
    | "ERR_KEY_NAME_TAKEN"
    | "ERR_KEY_COMMANDS"
    | "ERR_KEY_CAPABILITIES"
    | "ERR_KEY_EXPIRY"
    | "ERR_KEY_NOT_FOUND";

  constructor(code: KeyManagementError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export interface NewKeyOptions {
  name: string;
  /** Undefined: every command. */
  allowedCommands?: readonly string[];
  /** What a key that is limited to some commands may do besides: `KEY_CAPABILITIES`. Undefined: nothing. */
  capabilities?: readonly string[];
  /** From now, by the database's clock. Undefined: never. */
  expiresInSecs?: number;
}

/** Who makes or revokes a key and from where, and how the change's transaction records it. */
export interface KeyChange {
  by: Pick<AuditEvent, "ipAddress" | "userAgent"> & { actor: string };
  transaction: AuditLog["transaction"];
}

/** Someone who runs the command line with access to the database; no names are known there. */
const OPERATOR = "operator";
const RANDOM_BYTES = 32;
const MAX_EXPIRY_SECS = 10 * 365 * 86_400;

/** A new integration key: `api_` and 256 random bits. */
export function generateKey(): string {
  return KEY_PREFIX + randomBytes(RANDOM_BYTES).toString("base64url");
}

/** The command line writes rows only, because nobody follows its log. */
function byOperator(db: Database, actor = OPERATOR): KeyChange {
  return {
    by: { actor },
    transaction: (work) =>
      db.transaction(async (tx) => {
        const events: AuditEvent[] = [];
        const result = await work(tx, (event) => events.push(event));
        if (events.length > 0) await insertAuditRows(tx, events);
        return result;
      }),
  };
}

/** Makes an integration key. What it returns is the only copy of the key. Throws a `KeyManagementError`. */
export async function createKey(
  db: Database,
  options: NewKeyOptions,
  change: KeyChange = byOperator(db),
): Promise<{ id: string; key: string }> {
  const { name, allowedCommands, expiresInSecs } = options;
  // Names must not differ in invisible characters only.
  if (!/^[^\p{C}\p{Default_Ignorable_Code_Point}]{1,100}$/u.test(name) || name.trim() !== name) {
    const message = "Expected a name of 1 to 100 visible characters, without spaces around it.";
    throw new KeyManagementError("ERR_KEY_NAME", message);
  }
  const { capabilities } = checkLimits(options);
  const id = randomUUID();
  const key = generateKey();
  const made = await addKey(
    db,
    { id, name, keyHash: hashKey(key), allowedCommands, capabilities, expiresInSecs, initial: false },
    change,
  );
  if (!made) {
    throw new KeyManagementError(
      "ERR_KEY_NAME_TAKEN",
      `An active key named "${name}" already exists. Choose another name, or revoke that key first.`,
    );
  }
  return { id, key };
}

/** What a key may do, and until when. */
export interface KeyLimitOptions {
  /** Null: every command. Undefined: as before. */
  allowedCommands?: readonly string[] | null | undefined;
  /** Some of `KEY_CAPABILITIES`. Undefined: as before. */
  capabilities?: readonly string[] | undefined;
  /** From now, by the database's clock. Null: never. Undefined: as before. */
  expiresInSecs?: number | null | undefined;
}

/** Changes the limits of an active key, within a second on every replica. Throws a `KeyManagementError`. */
export async function changeKeyLimits(
  db: Database,
  id: string,
  limits: KeyLimitOptions,
  { by, transaction }: KeyChange = byOperator(db),
): Promise<KeyRow> {
  const { capabilities } = checkLimits(limits);
  const changed = await transaction(async (tx, record) => {
    const key = await limitKey(tx, id, { ...limits, capabilities });
    if (!key) return undefined;
    const details = { ...detailsOf(key.after), before: limitsOf(key.before), after: limitsOf(key.after) };
    record({ event: "IntegrationKeyChanged", ...by, details });
    return key.after;
  });
  if (changed) return changed;
  throw new KeyManagementError("ERR_KEY_NOT_FOUND", `No active key has the id "${id}". See: byo keys list`);
}

function limitsOf({ allowed_commands, capabilities, expires_at }: KeyRow): Record<string, unknown> {
  return { allowedCommands: allowed_commands, capabilities, expiresAt: expires_at };
}

function checkLimits({ allowedCommands, capabilities, expiresInSecs }: KeyLimitOptions): {
  capabilities: readonly KeyCapability[] | undefined;
} {
  const known: readonly string[] = COMMAND_NAMES;
  const unknown = allowedCommands?.filter((command) => !known.includes(command)) ?? [];
  if (unknown.length > 0 || allowedCommands?.length === 0) {
    const wrong = unknown.length > 0 ? `Not a command: ${unknown.join(", ")}. ` : "";
    throw new KeyManagementError("ERR_KEY_COMMANDS", `${wrong}Expected some of: ${known.join(", ")}.`);
  }
  if (capabilities && !capabilities.every(isKeyCapability)) {
    throw new KeyManagementError("ERR_KEY_CAPABILITIES", `Expected some of: ${KEY_CAPABILITIES.join(", ")}.`);
  }
  if (typeof expiresInSecs === "number" && !(expiresInSecs > 0 && expiresInSecs <= MAX_EXPIRY_SECS)) {
    throw new KeyManagementError("ERR_KEY_EXPIRY", "Expected an expiry between now and ten years from now.");
  }
  return { capabilities };
}

/** Adds a key together with its audit event. False if the hash, or an active key of that name, exists. */
export function addKey(
  db: Database,
  key: NewKey,
  { by, transaction }: KeyChange = byOperator(db, key.initial ? "system" : OPERATOR),
): Promise<boolean> {
  return transaction(async (tx, record) => {
    const isNew = await insertKey(tx, key);
    if (isNew) record({ event: "IntegrationKeyCreated", ...by, details: createdDetails(key) });
    return isNew;
  });
}

/** All keys, the oldest first, including revoked and expired ones. */
export function listKeys(db: Database): Promise<KeyRow[]> {
  return selectKeys(db);
}

/** Revokes the key with this id, or all with this name, and returns them. Throws a `KeyManagementError`. */
export async function revokeKey(
  db: Database,
  idOrName: string,
  { by, transaction }: KeyChange = byOperator(db),
): Promise<KeyRow[]> {
  const revoked = await transaction(async (tx, record) => {
    const keys = await revokeKeys(tx, idOrName);
    for (const key of keys) record({ event: "IntegrationKeyRevoked", ...by, details: detailsOf(key) });
    return keys;
  });
  if (revoked.length > 0) return revoked;
  const before = (await selectKeys(db)).some((key) => key.id === idOrName || key.name === idOrName);
  throw new KeyManagementError(
    "ERR_KEY_NOT_FOUND",
    before ? `"${idOrName}" is revoked already.` : `No key has the id or name "${idOrName}". See: byo keys list`,
  );
}

function detailsOf({ id, name }: { id: string; name: string }): Record<string, unknown> {
  return { keyId: id, name };
}

function createdDetails({ capabilities = [], ...key }: NewKey): Record<string, unknown> {
  return { ...detailsOf(key), ...(capabilities.length > 0 && { capabilities }) };
}
