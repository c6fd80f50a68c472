import { createHash, timingSafeEqual } from "node:crypto";
import type { CommandError } from "@byo-session/core/contract";
import type { Logger } from "pino";
import { type Database, DatabaseUnavailable } from "../db/database.ts";
import type { KeyCapability } from "./capabilities.ts";
import { createSnapshot } from "./snapshot.ts";
import { type LiveKey, selectLiveKeys, touchKey } from "./store.ts";

/** The prefix of every integration key, so that secret scanners recognise leaked ones. */
export const KEY_PREFIX = "api_";

/** Every replica refuses a revoked key after this time at the latest. */
const SNAPSHOT_MAX_AGE_MS = 500;
const TOUCH_INTERVAL_MS = 60_000;

/** A valid key, and what it may do. */
export interface AcceptedKey {
  keyId: string;
  allows(command: string): boolean;
  /** Whether the key has the capability. If so, its use is recorded with the key. */
  uses(capability: KeyCapability): boolean;
}

export type KeyCheck = ({ ok: true } & AcceptedKey) | RefusedKey;

interface RefusedKey {
  ok: false;
  error: CommandError;
}

export interface IntegrationKeys {
  /**
   * Checks the header `Authorization: Bearer api_…`. Rejects with `DatabaseUnavailable` when the keys cannot be read.
   * The caller checks whether the key may run the command.
   */
  authenticate(authorization: string | undefined): Promise<KeyCheck>;
  /** Resolves when pending writes are done. */
  close(): Promise<void>;
}

export interface IntegrationKeysOptions {
  db: Database;
  log: Pick<Logger, "warn">;
  /** Counts a refusal, by the type of its error. */
  onRefused: (error: string) => void;
  /** A monotonic clock. */
  nowMs?: () => number;
}

/** Makes the check of integration keys. Revocation and expiry take effect within half a second. */
export function createIntegrationKeys(options: IntegrationKeysOptions): IntegrationKeys {
  const { db, log, onRefused, nowMs = () => performance.now() } = options;
  const touchedAtMs = new Map<string, number>();
  const touching = new Set<Promise<void>>();
  const liveKeys = createSnapshot({ read: () => readLiveKeys(db), maxAgeMs: SNAPSHOT_MAX_AGE_MS, nowMs });

  /** Runs in the background: the request must neither wait for it nor fail with it. */
  const touch = (keyId: string, use: "command" | KeyCapability) => {
    const now = nowMs();
    const noted = `${use} ${keyId}`;
    if (now - (touchedAtMs.get(noted) ?? Number.NEGATIVE_INFINITY) < TOUCH_INTERVAL_MS) return;
    touchedAtMs.set(noted, now);
    const write = touchKey(db, keyId, use)
      .catch((error: unknown) => log.warn({ err: error }, "the last use of an integration key could not be written"))
      .finally(() => touching.delete(write));
    touching.add(write);
  };

  const refuse = (error: CommandError): RefusedKey => {
    onRefused(error.type);
    return { ok: false, error };
  };

  return {
    async authenticate(authorization) {
      const key = bearer(authorization);
      if (key === undefined) return refuse({ type: "NoIntegrationKeyFoundInHeader" });
      if (!key.startsWith(KEY_PREFIX)) return refuse(INVALID_PREFIX);
      const found = findKey(await liveKeys(), hashKey(key));
      if (!found) return refuse({ type: "IntegrationKeyNotFound" });
      touch(found.id, "command");
      const { id: keyId, allowed_commands: allowed, capabilities } = found;
      return {
        ok: true,
        keyId,
        allows: (command) => allowed === null || allowed.includes(command),
        uses(capability) {
          const has = allowed === null || capabilities.includes(capability);
          if (has) touch(keyId, capability);
          return has;
        },
      };
    },
    async close() {
      await Promise.all(touching);
    },
  };
}

const INVALID_PREFIX = {
  type: "InvalidPrefix",
  details: `an integration key begins with "${KEY_PREFIX}"; make one with: byo keys create --name <app>`,
} as const;

/** The stored form of a key. A key has 256 random bits, so a fast hash is enough. */
export function hashKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** RFC 9110, section 11.1: the name of the scheme is case-insensitive. */
function bearer(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}

/** Compares with every key, so that the time reveals nothing about the match. */
function findKey(keys: readonly LiveKey[], presentedHash: Buffer): LiveKey | undefined {
  let found: LiveKey | undefined;
  for (const key of keys) {
    if (timingSafeEqual(key.key_hash, presentedHash)) found = key;
  }
  return found;
}

async function readLiveKeys(db: Database): Promise<LiveKey[]> {
  try {
    return await selectLiveKeys(db);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    throw new DatabaseUnavailable("the integration keys cannot be read", { cause: error });
  }
}
