import { randomUUID } from "node:crypto";
import type { Jwk, KeyRotation, RotatedKey } from "@byo-session/core/contract";
import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, importPKCS8 } from "jose";
import type { AuditLog } from "../audit/audit-log.ts";
import type { AuditEvent } from "../audit/event.ts";
import { createBatch } from "../db/batch.ts";
import type { Database } from "../db/database.ts";
import type { Envelope } from "../keys/envelope.ts";
import { tokenKeyPurpose } from "../keys/sealed-places.ts";
import { createTokenKeyStore, type TokenKey } from "./store.ts";

export const ALGORITHM = "RS256";
const MODULUS_BITS = 2048;

/** Who rotates, and from where. */
export type RotatedBy = Pick<AuditEvent, "ipAddress" | "userAgent"> & { actor: string };

export interface PublishedKeys {
  /** The database's time, in Unix seconds. */
  now: number;
  /** The newest first. Empty only if no key can be created. */
  keys: readonly TokenKey[];
}

export interface TokenKeys {
  /** False without ENCRYPTION_KEY: private keys are never stored unencrypted. */
  readonly canBeCreated: boolean;
  /** Creates the first key if there is none. */
  published(): Promise<PublishedKeys>;
  /** Decrypts the private key. */
  privateKeyOf(key: TokenKey): Promise<CryptoKey>;
  rotate(rotation: KeyRotation, by: RotatedBy): Promise<RotatedKey>;
}

/**
 * The keys of stateless tokens. Each use reads them from the database, so every replica sees a rotation as soon as it is
 * committed. Concurrent calls share a read.
 */
export function createTokenKeys({
  db,
  audit,
  envelope,
}: {
  db: Database;
  audit: AuditLog;
  envelope: Envelope;
}): TokenKeys {
  const store = createTokenKeyStore(db);
  // A call never gets keys that were read before it.
  const read = createBatch<void, PublishedKeys>({
    async run(calls) {
      const found = await store.published();
      return calls.map(() => found);
    },
    maxRunning: 1,
    maxItems: Number.POSITIVE_INFINITY,
  });
  const opened = new Map<string, Promise<CryptoKey>>();
  let creating: Promise<void> | undefined;

  async function createFirst(): Promise<void> {
    const created = await createKey(envelope);
    await audit.transaction(async (tx, record) => {
      const locked = createTokenKeyStore(tx);
      await locked.lock();
      // Another replica was faster.
      if ((await locked.published()).keys.length > 0) return;
      await locked.add({ ...created, signsInSecs: 0, othersExpireInSecs: 0 });
      record({ event: "StatelessTokenKeyCreated", actor: "system", details: { keyId: created.id } });
    });
  }

  async function published(): Promise<PublishedKeys> {
    const found = await read();
    if (found.keys.length > 0 || !envelope.encrypts) return found;
    creating ??= createFirst().finally(() => {
      creating = undefined;
    });
    await creating;
    return read();
  }

  return {
    canBeCreated: envelope.encrypts,
    published,

    privateKeyOf({ id, sealed }) {
      const known = opened.get(id);
      if (known) return known;
      const pem = envelope.open(tokenKeyPurpose(id), sealed).toString();
      const opening = importPKCS8(pem, ALGORITHM);
      // Only one key signs at a time; earlier ones are not needed again.
      opened.clear();
      opened.set(id, opening);
      return opening;
    },

    async rotate({ secsBeforeNewKeyBecomesDefault, secsBeforeExistingKeysAreDeactivated }, by) {
      const created = await createKey(envelope);
      const signsInSecs = atLeast(secsBeforeNewKeyBecomesDefault);
      const othersExpireInSecs = atLeast(secsBeforeExistingKeysAreDeactivated);
      return audit.transaction(async (tx, record) => {
        const locked = createTokenKeyStore(tx);
        await locked.lock();
        const signsFrom = await locked.add({ ...created, signsInSecs, othersExpireInSecs });
        const details = { keyId: created.id, secsBeforeNewKeyBecomesDefault, secsBeforeExistingKeysAreDeactivated };
        record({ event: "StatelessTokenKeyRotated", ...by, details });
        return {
          newKeyId: created.id,
          newKeyBecomesDefaultAt: signsFrom,
          existingKeysExpireAt: signsFrom - signsInSecs + othersExpireInSecs,
        };
      });
    },
  };
}

/** The key that signs now. */
export function signingKey({ keys, now }: PublishedKeys): TokenKey | undefined {
  return keys.find(({ signsFrom }) => signsFrom <= now);
}

/** The store counts from the beginning of the current second, so one more ensures the requested time. */
function atLeast(secs: number): number {
  return secs === 0 ? 0 : secs + 1;
}

async function createKey(envelope: Envelope): Promise<{ id: string; publicJwk: Jwk; sealed: Buffer }> {
  const id = randomUUID();
  const pair = await generateKeyPair(ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true });
  const { kty, n = "", e = "" } = await exportJWK(pair.publicKey);
  const sealed = envelope.seal(tokenKeyPurpose(id), Buffer.from(await exportPKCS8(pair.privateKey)));
  return { id, publicJwk: { kty: kty ?? "", kid: id, use: "sig", alg: ALGORITHM, n, e }, sealed };
}
