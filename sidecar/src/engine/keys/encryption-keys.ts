import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";

export interface EncryptionSettings {
  /** Undefined: the embedded database in `dataDir`. */
  databaseUrl?: string;
  dataDir: string;
  encryptionKey?: Buffer;
  encryptionKeyPrevious?: Buffer;
}

const FILE = "encryption-key";
const KEY_BYTES = 32;

/**
 * The keys to encrypt with. The embedded database has a key file next to it, created when first needed, so that it is
 * encrypted without any setup; if ENCRYPTION_KEY is set later, the file's key still opens what it sealed. Only the
 * process that has the database open may call this: two processes could each make a key.
 */
export async function loadEncryptionKeys(
  settings: EncryptionSettings,
): Promise<{ current?: Buffer; previous?: Buffer }> {
  const { databaseUrl, dataDir, encryptionKey, encryptionKeyPrevious: previous } = settings;
  if (databaseUrl) return { current: encryptionKey, previous };
  const path = join(dataDir, FILE);
  const kept = await readKey(path);
  if (encryptionKey) return { current: encryptionKey, previous: previous ?? kept };
  if (kept) return { current: kept, previous };
  const made = randomBytes(KEY_BYTES);
  await writeSecretFile(path, made.toString("base64"));
  return { current: made, previous };
}

async function readKey(path: string): Promise<Buffer | undefined> {
  const text = await readSecretFile(path);
  if (text === undefined) return undefined;
  const key = Buffer.from(text, "base64");
  if (key.length === KEY_BYTES) return key;
  throw new Error(
    `${path} does not contain an encryption key (${KEY_BYTES} bytes as base64). Restore the file from a backup.`,
  );
}
