import type { Database } from "../db/database.ts";
import { createEncryptionStore, type KnownKey, type SealedCount } from "./encryption-store.ts";
import { SEALED_PLACES } from "./sealed-places.ts";

/** A key, and what needs it. */
export interface KeyStatus extends KnownKey {
  /** Whether the database knows it. Of another one only what does not open with it is left. */
  isListed: boolean;
  /** Only what there is. */
  sealed: readonly SealedCount[];
}

/** A sidecar says every 15 seconds with which key it seals: one that has not for so long has ended. */
export const IN_USE_SECS = 60;

export function isInUse({ unusedSecs }: Pick<KnownKey, "unusedSecs">): boolean {
  return unusedSecs !== null && unusedSecs < IN_USE_SECS;
}

/** All keys that the database knows of, that of the sidecar that started last first. Reads every row that holds something sealed. */
export async function readEncryptionStatus(db: Database): Promise<KeyStatus[]> {
  return db.maintenance(async (connection) => {
    const store = createEncryptionStore(connection);
    const keys = (await store.keys()).map((key) => ({ ...key, isListed: true }));
    const counts: SealedCount[] = [];
    for (const place of SEALED_PLACES) counts.push(...(await store.count(place)));
    for (const { prefix } of counts) {
      if (!keys.some((key) => key.prefix.equals(prefix))) keys.push({ prefix, unusedSecs: null, isListed: false });
    }
    return keys.map((key) => ({ ...key, sealed: counts.filter(({ prefix }) => prefix.equals(key.prefix)) }));
  });
}

/** Whether something would be lost without the key, now or in a moment. */
export function isNeeded(key: KeyStatus): boolean {
  return key.isListed && (key.sealed.length > 0 || isInUse(key));
}

/** "2 second factors, 1 session". */
export function inWords(counts: readonly Pick<SealedCount, "place" | "count">[]): string {
  return counts.map(({ place, count }) => `${count} ${place.noun}${count === 1 ? "" : "s"}`).join(", ");
}
