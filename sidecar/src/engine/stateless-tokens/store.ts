import type { Jwk } from "@byo-session/core/contract";
import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";

/** A published key. Times are Unix seconds. */
export interface TokenKey {
  id: string;
  publicJwk: Jwk;
  /** The encrypted private key, in PEM. */
  sealed: Buffer;
  createdAt: number;
  signsFrom: number;
  /** Null until a rotation sets it. */
  expiresAt: number | null;
}

/** A key to add. Times count from the beginning of the current second. */
export interface NewTokenKey {
  id: string;
  publicJwk: Jwk;
  sealed: Buffer;
  signsInSecs: number;
  /** When the existing keys are deactivated. */
  othersExpireInSecs: number;
}

const epoch = (column: string) => `extract(epoch FROM ${column})::float8`;

// If no key is published, one row with only the time.
const PUBLISHED: Statement = {
  name: "token-keys-published",
  text: `SELECT ${epoch("clock.now")} AS now, id::text AS id, public_jwk AS "publicJwk", sealed,
           ${epoch("created_at")} AS "createdAt", ${epoch("signs_from")} AS "signsFrom", ${epoch("expires_at")} AS "expiresAt"
         FROM (SELECT byo.now() AS now) AS clock
         LEFT JOIN byo.stateless_token_keys ON expires_at IS NULL OR expires_at > clock.now
         ORDER BY created_at DESC, id`,
};
const LOCK: Statement = {
  name: "token-keys-lock",
  text: "SELECT pg_advisory_xact_lock(7140235185)",
};
// One reading of the clock, in whole seconds: the existing keys may end at the same instant at which the new one starts.
const ADD: Statement = {
  name: "token-key-add",
  text: `WITH clock AS MATERIALIZED (SELECT date_trunc('second', byo.now()) AS now),
         others AS (
           UPDATE byo.stateless_token_keys SET expires_at = least(expires_at, clock.now + make_interval(secs => $5::float8))
           FROM clock RETURNING id)
         INSERT INTO byo.stateless_token_keys (id, public_jwk, sealed, signs_from)
         SELECT $1::uuid, $2::jsonb, $3::bytea, clock.now + make_interval(secs => $4::float8) FROM clock
         RETURNING ${epoch("signs_from")} AS "signsFrom"`,
};
const DELETE_EXPIRED = deletionOf("token-keys-delete-expired", {
  table: "byo.stateless_token_keys",
  column: "expires_at",
});

export interface TokenKeyStore {
  /** The published keys, the newest first, and the database's time. */
  published(): Promise<{ now: number; keys: TokenKey[] }>;
  /** Until the end of the transaction, only one replica adds a key. */
  lock(): Promise<void>;
  /** Returns the time from which the key signs. */
  add(key: NewTokenKey): Promise<number>;
  deleteExpired(from: string | null, limit: number): Promise<Deleted>;
}

export function createTokenKeyStore(db: Queryable): TokenKeyStore {
  return {
    async published() {
      const rows = await db.query<{ now: number } & (TokenKey | { id: null })>(PUBLISHED);
      const [first] = rows;
      if (!first) throw new Error("expected at least the row of the clock");
      return {
        now: first.now,
        keys: rows.flatMap(({ now: _now, ...key }) => (key.id === null ? [] : [key])),
      };
    },
    lock: async () => void (await db.query(LOCK)),
    async add({ id, publicJwk, sealed, signsInSecs, othersExpireInSecs }) {
      const values = [id, JSON.stringify(publicJwk), sealed, signsInSecs, othersExpireInSecs];
      const [added] = await db.query<{ signsFrom: number }>(ADD, values);
      if (!added) throw new Error("expected the new key's row");
      return added.signsFrom;
    },
    deleteExpired: (from, limit) => deleteSome(db, DELETE_EXPIRED, from, limit),
  };
}
