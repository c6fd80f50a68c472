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

/** Where the first password of a new owner is found. */
export type FirstPassword =
  | { from: "environment" | "built-in" }
  | { from: "file"; path: string }
  /** The file could not be written, so nobody knows it. */
  | { from: "nowhere"; path: string; error: unknown };

const FILE = "owner-password";

/** An order about the owner that cannot be carried out. The message says what to do instead. */
export class OwnerError extends Error {
  override readonly name = "OwnerError";
}

/**
 * Makes the first person of the dashboard, with a temporary password: that of the environment, else the built-in one where
 * only this machine reaches the dashboard, else a random one in a file. A person who exists already is left alone, whatever
 * the environment says. Undefined where nobody was made.
 */
export async function ensureOwner(
  db: Database,
  { initialOwnerUsername: username, initialOwnerPassword, dataDir }: OwnerSettings,
  isForThisMachine: boolean,
): Promise<FirstPassword | undefined> {
  if (username === undefined || (await createUserStore(db).isThereAny())) return undefined;
  const problem = usernameProblem(username);
  if (problem !== undefined) throw new ConfigError([`INITIAL_OWNER_USERNAME: ${problem}`]);
  // The built-in one protects nothing, even where the environment names it.
  const isOfTheirOwn = initialOwnerPassword !== undefined && initialOwnerPassword !== TEMPORARY_OWNER_PASSWORD;
  const random = newTemporaryPassword(randomBytes);
  const known = isOfTheirOwn ? initialOwnerPassword : isForThisMachine ? TEMPORARY_OWNER_PASSWORD : undefined;
  const hash = await createPasswordHashing().hash(known ?? random);
  return db.transaction(async (tx) => {
    if (!(await createUserStore(tx).insertOwner(randomUUID(), username, hash, OWNER_SECS))) return undefined;
    await insertAuditRows(tx, [ownerEvent("DashboardUserCreated", "system", username)]);
    if (known !== undefined) return { from: isOfTheirOwn ? "environment" : "built-in" };
    // In the transaction: of several replicas that start at one time only the one that made the owner writes.
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

/** Gives an owner who cannot get in a new temporary password, and every right. Ends that person's logins. */
export async function resetOwner(db: Database, name?: string): Promise<{ username: string; password: string }> {
  const everybody = await createUserStore(db).all();
  const owners = everybody.filter(({ role }) => role === "SuperAdmin").sort((a, b) => a.createdAt - b.createdAt);
  const user = name === undefined ? owners[0] : everybody.find(({ username }) => username === name);
  if (!user) {
    const who = name === undefined ? "There is no owner" : `Nobody is named "${name}"`;
    throw new OwnerError(`${who}. The first start with INITIAL_OWNER_USERNAME makes one.`);
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
