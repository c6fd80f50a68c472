import type { Database } from "../db/database.ts";
import { createEncryptionReaders } from "./encryption-readers-store.ts";
import { createEncryptionStore, type KnownKey, type SealedCount } from "./encryption-store.ts";
import { SEALED_PLACES } from "./sealed-places.ts";

/** A key, and what needs it. */
export interface KeyStatus extends KnownKey {
  /** Whether the database knows the key. */
  isListed: boolean;
  /** Only kinds that exist. */
  sealed: readonly SealedCount[];
  /** How many running replicas can open what it seals. */
  readers: number;
}

export interface EncryptionStatus {
  /** All keys that the database knows, the latest started sidecar's first; then those that only replicas know. */
  keys: readonly KeyStatus[];
  /** How many replicas run. */
  replicas: number;
}

/** A sidecar reports its key every 15 seconds: one that is silent for this long has ended. */
export const IN_USE_SECS = 60;

export function isInUse({ unusedSecs }: Pick<KnownKey, "unusedSecs">): boolean {
  return unusedSecs !== null && unusedSecs < IN_USE_SECS;
}

/** Reads every row that has sealed values. */
export async function readEncryptionStatus(db: Database): Promise<EncryptionStatus> {
  return db.maintenance(async (connection) => {
    const store = createEncryptionStore(connection);
    const running = await createEncryptionReaders(connection).running(IN_USE_SECS);
    const keys = (await store.keys()).map((key) => ({ ...key, isListed: true }));
    const counts: SealedCount[] = [];
    for (const place of SEALED_PLACES) counts.push(...(await store.count(place)));
    const others = [...counts.map(({ prefix }) => prefix), ...running.flatMap(({ prefixes }) => prefixes)];
    for (const prefix of others) {
      if (!keys.some((key) => key.prefix.equals(prefix))) keys.push({ prefix, unusedSecs: null, isListed: false });
    }
    return {
      replicas: running.length,
      keys: keys.map((key) => ({
        ...key,
        sealed: counts.filter(({ prefix }) => prefix.equals(key.prefix)),
        readers: running.filter(({ prefixes }) => prefixes.some((prefix) => prefix.equals(key.prefix))).length,
      })),
    };
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
