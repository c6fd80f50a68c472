import { createSecretKey } from "node:crypto";
import type { Database } from "../db/database.ts";
import type { Envelope } from "../keys/envelope.ts";
import { challengeKeyPurpose } from "../keys/sealed-places.ts";
import { createSnapshot } from "../keys/snapshot.ts";
import { DOCUMENT_SETTINGS } from "../policy/settings.ts";
import type { ChallengeKey } from "./challenge.ts";
import { createDeviceStore } from "./store.ts";

export interface ChallengeKeysDependencies {
  db: Database;
  envelope: Envelope;
  randomBytes: (size: number) => Buffer;
}

const NEW_KEY_AFTER_SECS = 24 * 3600;
const SNAPSHOT_MAX_AGE_MS = 10_000;
/** A new key waits this long, so that every replica has read it before it makes challenges. */
const READ_BY_ALL_MS = 2 * SNAPSHOT_MAX_AGE_MS;
/** A replica may use the old key until it has read the new one twice. */
const KEPT_AFTER_ITS_SUCCESSOR_SECS = DOCUMENT_SETTINGS.device_challenge_lifetime_secs.max + 60;
const SECRET_BYTES = 32;

/** The keys of challenges, the one for new challenges first. Created and replaced when needed. */
export function createChallengeKeys({ db, envelope, randomBytes }: ChallengeKeysDependencies) {
  const store = createDeviceStore(db);

  /** One replica at a time: two that each made a key and missed the other's would refuse each other's challenges. */
  async function replaceKey(): Promise<void> {
    const id = randomBytes(4).readUInt32BE();
    const sealed = envelope.seal(challengeKeyPurpose(id), randomBytes(SECRET_BYTES));
    await db.transaction(async (tx) => {
      const locked = createDeviceStore(tx);
      await locked.lockChallengeKeys();
      await locked.addChallengeKey(id, sealed, NEW_KEY_AFTER_SECS);
      await locked.deleteChallengeKeys(KEPT_AFTER_ITS_SUCCESSOR_SECS);
    });
  }

  async function read(): Promise<ChallengeKey[]> {
    let rows = await store.challengeKeys();
    const newest = rows[0];
    if (!newest || newest.ageMs > NEW_KEY_AFTER_SECS * 1000) {
      await replaceKey();
      rows = await store.challengeKeys();
    }
    // The very first key has no predecessor and is used at once.
    const current = rows.find((row) => row.ageMs > READ_BY_ALL_MS) ?? rows.at(-1);
    return [...rows.filter((row) => row === current), ...rows.filter((row) => row !== current)].map(
      ({ id, sealed }) => ({
        id,
        secret: createSecretKey(envelope.open(challengeKeyPurpose(id), sealed)),
      }),
    );
  }
  return createSnapshot({ read, maxAgeMs: SNAPSHOT_MAX_AGE_MS, nowMs: () => performance.now() });
}
