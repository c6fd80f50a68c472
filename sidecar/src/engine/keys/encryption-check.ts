import type { Database } from "../db/database.ts";
import { readClock } from "../db/installation.ts";
import { createEncryptionReaders } from "./encryption-readers-store.ts";
import { IN_USE_SECS, inWords, isInUse, isNeeded, type KeyStatus, readEncryptionStatus } from "./encryption-status.ts";
import { createEncryptionStore } from "./encryption-store.ts";
import { type Envelope, keyName, keyNotShared, missingKey } from "./envelope.ts";

/**
 * Throws an `EnvelopeError` if something in the database is sealed with a key that the envelope does not have, or if another
 * replica that runs does not have the key of this one: at the start, not when it is first needed. Otherwise records that a
 * sidecar now seals with the current key, and what it can open. `replica`: its id.
 */
export async function checkEncryptionKeys(db: Database, envelope: Envelope, replica: string): Promise<void> {
  await expectAllKeys(db, envelope);
  await db.transaction(async (tx) => {
    const [store, readers] = [createEncryptionStore(tx), createEncryptionReaders(tx)];
    // Two that start at once with different keys must see each other.
    await store.lockStarts();
    if ((await store.keys()).some(({ prefix }) => !envelope.knows(prefix))) throw missingKey(envelope.encrypts);
    const strangers = (await readers.running(IN_USE_SECS)).filter(
      ({ prefixes }) => !prefixes.some((prefix) => prefix.equals(envelope.prefix)),
    );
    if (envelope.encrypts && strangers.length > 0) throw keyNotShared(envelope.prefix, strangers.length);
    await store.start(envelope.prefix);
    await readers.announce(replica, envelope.opens, IN_USE_SECS);
  });
}

async function expectAllKeys(db: Database, envelope: Envelope): Promise<void> {
  const store = createEncryptionStore(db);
  const isUnknown = ({ prefix }: { prefix: Buffer }) => !envelope.knows(prefix);
  if ((await store.keys()).some(isUnknown)) {
    // Only now, because counting reads all sessions.
    const unknown = (await readEncryptionStatus(db)).keys.filter(isUnknown);
    const needed = unknown.filter(isNeeded);
    if (needed.length > 0) throw missingKey(envelope.encrypts, needed.map(describe).join("; "));
    const unusedSinceMs = (await readClock(db)) - IN_USE_SECS * 1000;
    for (const { prefix } of unknown) await store.forget(prefix, unusedSinceMs);
  }
}

function describe(key: KeyStatus): string {
  const uses = [
    ...(key.sealed.length > 0 ? [inWords(key.sealed)] : []),
    ...(isInUse(key) ? [`in use by a sidecar ${Math.round(key.unusedSecs ?? 0)} seconds ago`] : []),
  ];
  return `${keyName(key.prefix)}: ${uses.join(", ")}`;
}
