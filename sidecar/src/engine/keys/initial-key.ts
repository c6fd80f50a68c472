import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Database } from "../db/database.ts";
import { hashKey, KEY_PREFIX } from "./integration-keys.ts";
import { addKey, generateKey } from "./key-management.ts";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";
import { type KeyRow, selectKeyByHash, selectKeys } from "./store.ts";

export interface InitialKeySettings {
  /** Undefined: the embedded database in `dataDir`. */
  databaseUrl?: string;
  dataDir: string;
  initialIntegrationKey?: string;
}

/** The key that a deployment starts with. A revoked one stays revoked, as `state` says. */
export type InitialKey =
  | { source: "environment"; state: KeyRow["state"] }
  /** `key` is for a terminal only; logs get the path. */
  | { source: "file"; state: KeyRow["state"]; path: string; key: string; isNew: boolean }
  | { source: "none" };

const FILE = "integration-key";

/**
 * Makes sure that the first application can connect: with INITIAL_INTEGRATION_KEY, or on the embedded database with a
 * key that the first start makes and keeps in a file next to it.
 */
export async function ensureInitialKey(db: Database, settings: InitialKeySettings): Promise<InitialKey> {
  const { databaseUrl, dataDir, initialIntegrationKey } = settings;
  if (initialIntegrationKey) {
    return { source: "environment", state: await ensureKey(db, initialIntegrationKey) };
  }
  if (databaseUrl) return { source: "none" };

  const path = join(dataDir, FILE);
  const kept = await readSecretFile(path);
  if (kept !== undefined) {
    if (!kept.startsWith(KEY_PREFIX))
      throw new Error(
        `${path} does not contain an integration key. Remove the file, and the next start makes a new one.`,
      );
    return { source: "file", state: await ensureKey(db, kept), path, key: kept, isNew: false };
  }
  // Keys exist already, so someone removed the file on purpose.
  if ((await selectKeys(db)).length > 0) return { source: "none" };
  const key = generateKey();
  // The file first: after a crash between the two, the next start takes the key from it.
  await writeSecretFile(path, key);
  return { source: "file", state: await ensureKey(db, key), path, key, isNew: true };
}

async function ensureKey(db: Database, key: string): Promise<KeyRow["state"]> {
  const keyHash = hashKey(key);
  await addKey(db, { id: randomUUID(), name: "initial", keyHash, initial: true });
  const row = await selectKeyByHash(db, keyHash);
  if (!row) throw new Error("The initial integration key was removed while it was being made. Start again.");
  return row.state;
}
