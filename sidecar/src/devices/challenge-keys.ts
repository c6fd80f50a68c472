import { createSecretKey } from "node:crypto";
import type { Envelope } from "../keys/envelope.ts";
import { createSnapshot } from "../keys/snapshot.ts";
import type { ChallengeKey } from "./challenge.ts";
import type { DeviceStore } from "./store.ts";

export interface ChallengeKeysDependencies {
  store: DeviceStore;
  envelope: Envelope;
  randomBytes: (size: number) => Buffer;
}

const NEW_KEY_AFTER_SECS = 24 * 3600;
/** The longest life of a challenge that the configuration allows. */
const LONGEST_CHALLENGE_SECS = 3600;
const SNAPSHOT_MAX_AGE_MS = 10_000;
/** A key makes challenges only when every replica has read it: until then none would know them. */
const READ_BY_ALL_MS = 2 * SNAPSHOT_MAX_AGE_MS;
const SECRET_BYTES = 32;

/** The keys of challenges, the one to make new ones with first. Made and replaced as they are needed. */
export function createChallengeKeys({ store, envelope, randomBytes }: ChallengeKeysDependencies) {
  async function read(): Promise<ChallengeKey[]> {
    let rows = await store.challengeKeys();
    const newest = rows[0];
    if (!newest || newest.ageMs > NEW_KEY_AFTER_SECS * 1000) {
      const id = randomBytes(4).readUInt32BE();
      const sealed = envelope.seal(purposeOf(id), randomBytes(SECRET_BYTES));
      await store.addChallengeKey(id, sealed, NEW_KEY_AFTER_SECS);
      await store.deleteChallengeKeys(2 * NEW_KEY_AFTER_SECS + LONGEST_CHALLENGE_SECS);
      rows = await store.challengeKeys();
    }
    // The very first key has no older one beside it and is used at once.
    const current = rows.find((row) => row.ageMs > READ_BY_ALL_MS) ?? rows.at(-1);
    return [...rows.filter((row) => row === current), ...rows.filter((row) => row !== current)].map(
      ({ id, sealed }) => ({
        id,
        secret: createSecretKey(envelope.open(purposeOf(id), sealed)),
      }),
    );
  }
  return createSnapshot({ read, maxAgeMs: SNAPSHOT_MAX_AGE_MS, nowMs: () => performance.now() });
}

function purposeOf(id: number): string {
  return `challenge-key:${id}`;
}
