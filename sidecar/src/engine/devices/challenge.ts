import { createHmac, hash, type KeyObject, randomBytes as nodeRandomBytes, timingSafeEqual } from "node:crypto";
import type { DeviceChallenge } from "@byo-session/core/contract";
import { LRUCache } from "lru-cache";
import { decodeBase64Url } from "./base64url.ts";

/** A key that authenticates challenges. All replicas hold the same ones. */
export interface ChallengeKey {
  /** From 0 to 4294967295, never reused for another secret. */
  readonly id: number;
  /** At least 32 random bytes. A KeyObject, because an HMAC with a Buffer as key costs five times the CPU. */
  readonly secret: KeyObject;
}

/** What is known about the client that asks for a challenge, or answers one. */
export interface ChallengeClient {
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/**
 * `forged`: not one of ours. `expired` and `other-client` are ours and get a new challenge: their time is over, or they
 * were made for another address or user agent.
 */
export type ChallengeCheck = "ok" | "expired" | "other-client" | "forged";

export interface ChallengesOptions {
  /** The current key first, then older valid ones. Called at each use, so that keys can rotate. */
  keys: () => readonly ChallengeKey[];
  /** How long a new challenge lives. Called at each use, so that the configuration can change. */
  lifetimeSecs: () => number;
  /** Unix seconds. Default: the system's clock. */
  nowSecs?: () => number;
  /** Default: the system's generator. */
  randomBytes?: (size: number) => Buffer;
}

export interface Challenges {
  /** Makes a challenge, bound to the given parts of the client. `expiresAt` is in Unix seconds. */
  issue(client: ChallengeClient): DeviceChallenge;
  /**
   * Checks a client's challenge; hostile text is `forged`, never an exception. Parts that the challenge is not bound to
   * are ignored: a challenge made without an address is valid from any address.
   */
  check(challenge: string, client: ChallengeClient): ChallengeCheck;
}

const VERSION = 1;
const IP_BOUND = 1;
const USER_AGENT_BOUND = 2;

// version (1) | which parts are bound (1) | key id (4) | expiry (6) | random (16) | digest of the client (16) | MAC (32)
const AT = { version: 0, bound: 1, keyId: 2, expiresAt: 6, random: 12, client: 28, mac: 44, end: 76 } as const;
const CHARS = Math.ceil((AT.end * 4) / 3);

/** A challenge whose MAC was made with this secret. */
interface Genuine {
  bytes: Buffer;
  secret: KeyObject;
  /** The client that it was last found to be for. */
  client?: ChallengeClient;
}

/** Devices answer one challenge many times, each time as the same client. */
const genuine = new LRUCache<string, Genuine>({ max: 10_000 });
/** Of a user agent: browsers send less than half of it. */
const MAX_KEPT_CHARS = 512;

/** When a challenge that was checked as `ok` expires, in Unix seconds. */
export function challengeEnd(challenge: string): number {
  return Buffer.from(challenge, "base64url").readUIntBE(AT.expiresAt, AT.random - AT.expiresAt);
}

/**
 * Makes and checks device challenges. A challenge carries everything needed to check it, so nothing is stored and every
 * replica with the same keys accepts it.
 */
export function createChallenges(options: ChallengesOptions): Challenges {
  const { keys, lifetimeSecs, nowSecs = () => Math.floor(Date.now() / 1000), randomBytes = nodeRandomBytes } = options;
  return {
    issue(client) {
      const [key] = keys();
      if (!key) throw new Error("There is no challenge key: expected keys() to return the current one first.");
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
      // A laptop that slept longer than a key lives gets a new challenge instead of a refusal. Forging an old key id
      // gains nothing, because the proof is not accepted either way.
      if (!key) return expired ? "expired" : "forged";
      let entry = known;
      if (entry?.secret !== key.secret) {
        if (!timingSafeEqual(mac(key, bytes), bytes.subarray(AT.mac))) return "forged";
        // Copied: the decoded bytes are a slice of a larger block, which would stay in memory.
        entry = { bytes: Buffer.alloc(AT.end, bytes), secret: key.secret };
        genuine.set(challenge, entry);
      }
      if (expired) return "expired";
      if (entry.client && isSameClient(entry.client, client)) return "ok";
      if (!clientDigest(bytes, client).equals(bytes.subarray(AT.client, AT.mac))) return "other-client";
      if ((client.userAgent?.length ?? 0) <= MAX_KEPT_CHARS) entry.client = client;
      return "ok";
    },
  };
}

function isSameClient(one: ChallengeClient, other: ChallengeClient): boolean {
  return one.ip === other.ip && one.userAgent === other.userAgent;
}

function mac(key: ChallengeKey, bytes: Buffer): Buffer {
  return createHmac("sha256", key.secret).update(bytes.subarray(0, AT.mac)).digest();
}

/**
 * The bound client, as a separate digest under the MAC: this distinguishes a challenge for another client from a forged
 * one. Lengths come first, or text could move from one part to the other.
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

/** A missing part differs from an empty one. */
function withLength(part: string | undefined): [length: Buffer, text: Buffer] {
  const text = Buffer.from(part ?? "");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part === undefined ? 0xffffffff : text.length);
  return [length, text];
}
