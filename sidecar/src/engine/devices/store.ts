import { createHash } from "node:crypto";
import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";
import { ago, NOW } from "../db/time.ts";

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** How long a remembered device lives without being seen. */
export const LAPSE = "interval '400 days'";

const CLOCK: Statement = { name: "now", text: `SELECT ${ms("byo.now()")} AS now` };
const IS_REMEMBERED: Statement = {
  name: "device-is-remembered",
  text: `SELECT 1 AS one FROM byo.devices
         WHERE user_hash = $1 AND thumbprint = $2 AND last_seen_at > ${NOW} - ${LAPSE}`,
};
const SEE: Statement = {
  name: "device-see",
  text: "UPDATE byo.devices SET last_seen_at = byo.now() WHERE user_hash = $1 AND thumbprint = $2 RETURNING thumbprint",
};
const REMEMBER: Statement = {
  name: "device-remember",
  text: `INSERT INTO byo.devices (user_hash, thumbprint, user_id, user_agent, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, byo.now(), byo.now())
         ON CONFLICT (user_hash, thumbprint) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at,
           user_agent = coalesce(EXCLUDED.user_agent, devices.user_agent),
           first_seen_at = CASE WHEN devices.last_seen_at > byo.now() - ${LAPSE} THEN devices.first_seen_at
             ELSE EXCLUDED.first_seen_at END
         RETURNING thumbprint`,
};
const FORGET_SURPLUS: Statement = {
  name: "devices-forget-surplus",
  text: `DELETE FROM byo.devices WHERE user_hash = $1 AND thumbprint IN (
           SELECT thumbprint FROM byo.devices WHERE user_hash = $1
           ORDER BY last_seen_at DESC, thumbprint OFFSET $2)
         RETURNING thumbprint`,
};
const LIST: Statement = {
  name: "devices-list",
  text: `SELECT thumbprint, user_agent AS "userAgent", ${ms("first_seen_at")} AS "firstSeenAt",
           ${ms("last_seen_at")} AS "lastSeenAt"
         FROM byo.devices WHERE user_hash = $1 AND last_seen_at > ${NOW} - ${LAPSE} ORDER BY last_seen_at DESC, thumbprint`,
};
const FORGET: Statement = {
  name: "device-forget",
  text: "DELETE FROM byo.devices WHERE user_hash = $1 AND thumbprint = $2 RETURNING thumbprint",
};
const FORGET_OF_ALL_USERS: Statement = {
  name: "device-forget-of-all-users",
  text: `DELETE FROM byo.devices WHERE (user_hash, thumbprint) IN (
           SELECT user_hash, thumbprint FROM byo.devices WHERE thumbprint = $1 ORDER BY user_hash LIMIT $2 FOR UPDATE)
         RETURNING user_id AS "userId"`,
};
const FORGET_ALL: Statement = {
  name: "devices-forget-all",
  text: "DELETE FROM byo.devices WHERE user_hash = $1 AND thumbprint IS DISTINCT FROM $2 RETURNING thumbprint",
};
const DELETE_LAPSED = deletionOf("devices-delete-lapsed", {
  table: "byo.devices",
  column: "last_seen_at",
  upTo: `${NOW} - ${LAPSE}`,
});
const DELETE_PROOFS = deletionOf("proofs-delete-expired", { table: "byo.used_proofs", column: "expires_at" });
const READ_KEYS: Statement = {
  name: "challenge-keys",
  text: `SELECT id::float8 AS id, sealed, ${ms("byo.now()")} - ${ms("created_at")} AS "ageMs"
         FROM byo.challenge_keys ORDER BY created_at DESC, id`,
};
const LOCK_KEYS: Statement = {
  name: "challenge-keys-lock",
  text: "SELECT pg_advisory_xact_lock(7140235183)",
};
const INSERT_KEY: Statement = {
  name: "challenge-key-insert",
  text: `INSERT INTO byo.challenge_keys (id, sealed)
         SELECT $1, $2 WHERE NOT EXISTS (
           SELECT FROM byo.challenge_keys WHERE created_at > ${ago("$3")})
         ON CONFLICT (id) DO NOTHING RETURNING id`,
};
const DELETE_KEYS: Statement = {
  name: "challenge-keys-delete-old",
  text: `DELETE FROM byo.challenge_keys old WHERE EXISTS (
           SELECT FROM byo.challenge_keys newer
           WHERE newer.created_at > old.created_at AND newer.created_at < ${ago("$1")})
         RETURNING id`,
};

export interface RememberedDeviceRow {
  thumbprint: string;
  userAgent: string | null;
  firstSeenAt: number;
  lastSeenAt: number;
}

export interface ChallengeKeyRow {
  id: number;
  sealed: Buffer;
  ageMs: number;
}

/** The statements of devices and of the keys of challenges. */
export interface DeviceStore {
  /** The database's clock, in milliseconds. */
  now(): Promise<number>;
  isRemembered(userId: string, thumbprint: string): Promise<boolean>;
  /** Updates when a remembered device was last seen. */
  see(userId: string, thumbprint: string): Promise<void>;
  remember(userId: string, thumbprint: string, userAgent: string | undefined): Promise<void>;
  /** Forgets all but the `max` most recently seen devices; returns the thumbprints of the forgotten ones. */
  forgetSurplus(userId: string, max: number): Promise<string[]>;
  list(userId: string): Promise<RememberedDeviceRow[]>;
  /** False if there is no such device. */
  forget(userId: string, thumbprint: string): Promise<boolean>;
  /** Forgets the device for up to `limit` users; returns their ids. */
  forgetOfAllUsers(thumbprint: string, limit: number): Promise<string[]>;
  /** Forgets all of the user's devices except the one to keep; returns how many. */
  forgetAll(userId: string, keep: string | null): Promise<number>;
  deleteLapsed(from: string | null, limit: number): Promise<Deleted>;
  deleteExpiredProofs(from: string | null, limit: number): Promise<Deleted>;
  challengeKeys(): Promise<ChallengeKeyRow[]>;
  /** No other replica replaces the keys until the transaction ends. */
  lockChallengeKeys(): Promise<void>;
  /** Adds the key, unless one younger than `maxAgeSecs` exists. */
  addChallengeKey(id: number, sealed: Buffer, maxAgeSecs: number): Promise<void>;
  /** Deletes keys whose successor is older than this. */
  deleteChallengeKeys(replacedForSecs: number): Promise<void>;
}

export function createDeviceStore(db: Queryable): DeviceStore {
  return {
    now: async () => (await db.query<{ now: number }>(CLOCK))[0]?.now ?? 0,
    isRemembered: async (userId, thumbprint) =>
      (await db.query(IS_REMEMBERED, [hashOfUser(userId), thumbprint])).length > 0,
    async see(userId, thumbprint) {
      await db.query(SEE, [hashOfUser(userId), thumbprint]);
    },
    async remember(userId, thumbprint, userAgent) {
      await db.query(REMEMBER, [hashOfUser(userId), thumbprint, userId, userAgent ?? null]);
    },
    async forgetSurplus(userId, max) {
      const rows = await db.query<{ thumbprint: string }>(FORGET_SURPLUS, [hashOfUser(userId), max]);
      return rows.map(({ thumbprint }) => thumbprint);
    },
    list: (userId) => db.query<RememberedDeviceRow>(LIST, [hashOfUser(userId)]),
    forget: async (userId, thumbprint) => (await db.query(FORGET, [hashOfUser(userId), thumbprint])).length > 0,
    async forgetOfAllUsers(thumbprint, limit) {
      const rows = await db.query<{ userId: string }>(FORGET_OF_ALL_USERS, [thumbprint, limit]);
      return rows.map(({ userId }) => userId);
    },
    forgetAll: async (userId, keep) => (await db.query(FORGET_ALL, [hashOfUser(userId), keep])).length,
    deleteLapsed: (from, limit) => deleteSome(db, DELETE_LAPSED, from, limit),
    deleteExpiredProofs: (from, limit) => deleteSome(db, DELETE_PROOFS, from, limit),
    challengeKeys: () => db.query<ChallengeKeyRow>(READ_KEYS),
    async lockChallengeKeys() {
      await db.query(LOCK_KEYS);
    },
    async addChallengeKey(id, sealed, maxAgeSecs) {
      await db.query(INSERT_KEY, [id, sealed, maxAgeSecs]);
    },
    async deleteChallengeKeys(replacedForSecs) {
      await db.query(DELETE_KEYS, [replacedForSecs]);
    },
  };
}

/** Replaces the user id in the primary key: the longest ids do not fit into an index. */
export function hashOfUser(userId: string): Buffer {
  return createHash("sha256").update(userId).digest();
}
