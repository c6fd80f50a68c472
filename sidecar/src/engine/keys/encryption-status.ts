import type { Database } from "../db/database.ts";
import { createEncryptionStore, type KnownKey, type SealedCount } from "./encryption-store.ts";
import { SEALED_PLACES } from "./sealed-places.ts";

/** A key, and what needs it. */
export interface KeyStatus extends KnownKey {
  /** Whether the database knows the key. */
  isListed: boolean;
  /** Only kinds that exist. */
  sealed: readonly SealedCount[];
}

/** A sidecar reports its key every 15 seconds: one that is silent for this long has ended. */
export const IN_USE_SECS = 60;

export function isInUse({ unusedSecs }: Pick<KnownKey, "unusedSecs">): boolean {
  return unusedSecs !== null && unusedSecs < IN_USE_SECS;
}

/** All keys that the database knows, the latest started sidecar's first. Reads every row that has sealed values. */
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

/** Whether data would be lost without the key. */
export function isNeeded(key: KeyStatus): boolean {
  return key.isListed && (key.sealed.length > 0 || isInUse(key));
}

/** "2 second factors, 1 session". */
export function inWords(counts: readonly Pick<SealedCount, "place" | "count">[]): string {
  return counts.map(({ place, count }) => `${count} ${place.noun}${count === 1 ? "" : "s"}`).join(", ");
}
