import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { AuditEvent } from "../../engine/audit/event.ts";
import { insertAuditRows } from "../../engine/audit/store.ts";
import { ConfigError } from "../../engine/config/jsonc.ts";
import type { Database } from "../../engine/db/database.ts";
import { writeSecretFile } from "../../engine/keys/secret-file.ts";
import { createLoginStore } from "./login-store.ts";
import { createPasswordHashing } from "./password-hashing.ts";
import { TEMPORARY_OWNER_PASSWORD } from "./password-rules.ts";
import { createUserStore } from "./store.ts";
import { newTemporaryPassword, OWNER_SECS } from "./temporary-password.ts";
import { usernameProblem } from "./username.ts";

export interface OwnerSettings {
  initialOwnerUsername?: string;
  initialOwnerPassword?: string;
  dataDir: string;
}

/** Where to find the first password of a new owner. */
export type FirstPassword =
  | { from: "environment" | "built-in" }
  | { from: "file"; path: string }
  /** The file could not be written, so nobody knows the password. */
  | { from: "nowhere"; path: string; error: unknown };

const FILE = "owner-password";

/** A command about the owner that is not possible. The message says what to do instead. */
export class OwnerError extends Error {
  override readonly name = "OwnerError";
}

/**
 * Creates the dashboard's first account, with a temporary password: the one from the environment, or the built-in one
 * if only this machine reaches the dashboard, or a random one in a file. An existing account is never changed, whatever
 * the environment says. Returns undefined if no account was made.
 */
export async function ensureOwner(
  db: Database,
  { initialOwnerUsername: username, initialOwnerPassword, dataDir }: OwnerSettings,
  isForThisMachine: boolean,
): Promise<FirstPassword | undefined> {
  if (username === undefined || (await createUserStore(db).isThereAny())) return undefined;
  const problem = usernameProblem(username);
  if (problem !== undefined) throw new ConfigError([`INITIAL_OWNER_USERNAME: ${problem}`]);
  // The built-in password protects nothing, even if the environment names it.
  const isOfTheirOwn = initialOwnerPassword !== undefined && initialOwnerPassword !== TEMPORARY_OWNER_PASSWORD;
  const random = newTemporaryPassword(randomBytes);
  const known = isOfTheirOwn ? initialOwnerPassword : isForThisMachine ? TEMPORARY_OWNER_PASSWORD : undefined;
  const hash = await createPasswordHashing().hash(known ?? random);
  return db.transaction(async (tx) => {
    if (!(await createUserStore(tx).insertOwner(randomUUID(), username, hash, OWNER_SECS))) return undefined;
    await insertAuditRows(tx, [ownerEvent("DashboardUserCreated", "system", username)]);
    if (known !== undefined) return { from: isOfTheirOwn ? "environment" : "built-in" };
    // Inside the transaction: if several replicas start at once, only the one that made the owner writes the file.
    return keep(join(dataDir, FILE), random);
  });
}

async function keep(path: string, password: string): Promise<FirstPassword> {
  try {
    await writeSecretFile(path, password);
    return { from: "file", path };
  } catch (error) {
    return { from: "nowhere", path, error };
  }
}

/** Creates the dashboard's first account, with a temporary password, where no variable of the environment did. */
export async function createFirstOwner(db: Database, username: string): Promise<string> {
  const problem = usernameProblem(username);
  if (problem !== undefined) throw new OwnerError(`--username: ${problem}`);
  const password = newTemporaryPassword(randomBytes);
  const hash = await createPasswordHashing().hash(password);
  await db.transaction(async (tx) => {
    if (!(await createUserStore(tx).insertOwner(randomUUID(), username, hash, OWNER_SECS)))
      throw new OwnerError("An account already exists. If the owner cannot log in, run: byo owner reset");
    await insertAuditRows(tx, [ownerEvent("DashboardUserCreated", "operator", username)]);
  });
  return password;
}

/** Gives an owner who cannot log in a new temporary password and all rights. Ends that person's logins. */
export async function resetOwner(db: Database, name?: string): Promise<{ username: string; password: string }> {
  const everybody = await createUserStore(db).all();
  const owners = everybody.filter(({ role }) => role === "SuperAdmin").sort((a, b) => a.createdAt - b.createdAt);
  const user = name === undefined ? owners[0] : everybody.find(({ username }) => username === name);
  if (!user) {
    const who = name === undefined ? "There is no owner" : `No account is named "${name}"`;
    throw new OwnerError(`${who}. Create the first one with: byo owner create --username <name>`);
  }
  const password = newTemporaryPassword(randomBytes);
  const hash = await createPasswordHashing().hash(password);
  await db.transaction(async (tx) => {
    const users = createUserStore(tx);
    await users.restoreOwner(user.id);
    await users.setTemporary(user.id, hash, OWNER_SECS);
    await createLoginStore(tx).endAll(user.id);
    await insertAuditRows(tx, [ownerEvent("DashboardOwnerReset", "operator", user.username)]);
  });
  return { username: user.username, password };
}

function ownerEvent(event: AuditEvent["event"], actor: string, target: string): AuditEvent {
  return { event, actor, details: { target, after: { role: "SuperAdmin" } } };
}
