import { createHmac, hash, type KeyObject, randomBytes as nodeRandomBytes, timingSafeEqual } from "node:crypto";
import type { DeviceChallenge } from "@byo-session/core/contract";
import { LRUCache } from "lru-cache";
import { decodeBase64Url } from "./base64url.ts";

/** A key that authenticates challenges. All replicas hold the same ones. */
export interface ChallengeKey {
  /** From 0 to 4294967295, never used again for another secret. */
  readonly id: number;
  /** Of at least 32 random bytes. As a KeyObject, since an HMAC by a Buffer costs five times as much CPU. */
  readonly secret: KeyObject;
}

/** What is known of the client that asks for a challenge, or answers one. */
export interface ChallengeClient {
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/**
 * `forged`: none of ours. `expired` and `other-client` are ours and deserve a new one: their time is over, or they were
 * made for another address or user agent.
 */
export type ChallengeCheck = "ok" | "expired" | "other-client" | "forged";

export interface ChallengesOptions {
  /** The current key first, then those that still count. Asked at each use, so that keys can rotate. */
  keys: () => readonly ChallengeKey[];
  /** How long a new challenge lives. Asked at each use, so that the configuration can change. */
  lifetimeSecs: () => number;
  /** Unix seconds. Default: the system's clock. */
  nowSecs?: () => number;
  /** Default: the system's generator. */
  randomBytes?: (size: number) => Buffer;
}

export interface Challenges {
  /** Makes a challenge that is bound to those parts of the client that are given. `expiresAt` is in Unix seconds. */
  issue(client: ChallengeClient): DeviceChallenge;
  /**
   * Judges what a client sent as a challenge; hostile text is `forged`, never an exception. A part that the challenge
   * was not made for is not looked at: one made without an address serves where one is passed.
   */
  check(challenge: string, client: ChallengeClient): ChallengeCheck;
}

const VERSION = 1;
const IP_BOUND = 1;
const USER_AGENT_BOUND = 2;

// version (1) | which parts are bound (1) | key id (4) | expiry (6) | random (16) | digest of the client (16) | MAC (32)
const AT = { version: 0, bound: 1, keyId: 2, expiresAt: 6, random: 12, client: 28, mac: 44, end: 76 } as const;
const CHARS = Math.ceil((AT.end * 4) / 3);

/** A device answers one challenge again and again. Each with the secret that its MAC is of: another one has another MAC. */
const genuine = new LRUCache<string, { bytes: Buffer; secret: KeyObject }>({ max: 10_000 });

/** When a challenge that was found `ok` ends, in Unix seconds. */
export function challengeEnd(challenge: string): number {
  return Buffer.from(challenge, "base64url").readUIntBE(AT.expiresAt, AT.random - AT.expiresAt);
}

/**
 * Makes and judges device challenges. A challenge carries all that is needed to judge it, so no row is kept and every
 * replica with the same keys takes it.
 */
export function createChallenges(options: ChallengesOptions): Challenges {
  const { keys, lifetimeSecs, nowSecs = () => Math.floor(Date.now() / 1000), randomBytes = nodeRandomBytes } = options;
  return {
    issue(client) {
      const [key] = keys();
      if (!key) throw new Error("There is no challenge key: expected keys() to give the current one first.");
      const expiresAt = nowSecs() + lifetimeSecs();
      const bytes = Buffer.alloc(AT.end);
      bytes[AT.version] = VERSION;
      bytes[AT.bound] =
        (client.ip === undefined ? 0 : IP_BOUND) | (client.userAgent === undefined ? 0 : USER_AGENT_BOUND);
      bytes.writeUInt32BE(key.id, AT.keyId);
      bytes.writeUIntBE(expiresAt, AT.expiresAt, AT.random - AT.expiresAt);
      randomBytes(AT.client - AT.random).copy(bytes, AT.random);
      clientDigest(bytes, client).copy(bytes, AT.client);
      mac(key, bytes).copy(bytes, AT.mac);
      return { deviceChallenge: bytes.toString("base64url"), expiresAt };
    },
    check(challenge, client) {
      if (challenge.length !== CHARS) return "forged";
      const known = genuine.get(challenge);
      const bytes = known?.bytes ?? decodeBase64Url(challenge);
      if (bytes?.[AT.version] !== VERSION) return "forged";
      const expired = nowSecs() >= bytes.readUIntBE(AT.expiresAt, AT.random - AT.expiresAt);
      const key = keys().find(({ id }) => id === bytes.readUInt32BE(AT.keyId));
      // A laptop that slept longer than a key lives must be asked again, not refused. Whoever invents such a challenge
      // gains nothing: it is refused all the same.
      if (!key) return expired ? "expired" : "forged";
      if (known?.secret !== key.secret) {
        if (!timingSafeEqual(mac(key, bytes), bytes.subarray(AT.mac))) return "forged";
        // Memory of its own: the bytes that were read are a piece of a larger block.
        genuine.set(challenge, { bytes: Buffer.alloc(AT.end, bytes), secret: key.secret });
      }
      if (expired) return "expired";
      return clientDigest(bytes, client).equals(bytes.subarray(AT.client, AT.mac)) ? "ok" : "other-client";
    },
  };
}

function mac(key: ChallengeKey, bytes: Buffer): Buffer {
  return createHmac("sha256", key.secret).update(bytes.subarray(0, AT.mac)).digest();
}

/**
 * What the challenge is bound to, as a digest of its own under the MAC: so one that was made for another client can be
 * told from one that is forged. Lengths go first, or text could be moved from one part to the other.
 */
function clientDigest(bytes: Buffer, client: ChallengeClient): Buffer {
  const bound = bytes.readUInt8(AT.bound);
  const parts = [
    bytes.subarray(AT.random, AT.client),
    ...withLength(bound & IP_BOUND ? client.ip : ""),
    ...withLength(bound & USER_AGENT_BOUND ? client.userAgent : ""),
  ];
  return hash("sha256", Buffer.concat(parts), "buffer").subarray(0, AT.mac - AT.client);
}

/** A part that is missing differs from one that is empty. */
function withLength(part: string | undefined): [length: Buffer, text: Buffer] {
  const text = Buffer.from(part ?? "");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part === undefined ? 0xffffffff : text.length);
  return [length, text];
}
