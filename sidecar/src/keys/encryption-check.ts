import type { Database } from "../db/database.ts";
import { readEncryptionCheck, writeEncryptionCheck } from "../db/installation.ts";
import type { Envelope } from "./envelope.ts";

const PURPOSE = "encryption-check";
const TEXT = Buffer.from("byo-session");

/**
 * Throws an `EnvelopeError` when the database was encrypted with a key that the envelope does not have: at the start, not
 * at the first rotation.
 */
export async function checkEncryptionKey(db: Database, envelope: Envelope): Promise<void> {
  const sealed = await readEncryptionCheck(db);
  if (sealed) envelope.open(PURPOSE, sealed);
  // Anew at each start, so that the newest key is the one that the next start is checked against.
  await writeEncryptionCheck(db, envelope.seal(PURPOSE, TEXT));
}
