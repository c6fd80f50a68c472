import type { Queryable, Statement } from "../../engine/db/database.ts";

const DELETE_ALL: Statement = {
  name: "dashboard-recovery-codes-delete",
  text: "DELETE FROM byo.dashboard_recovery_codes WHERE user_id = $1 RETURNING user_id",
};
const INSERT: Statement = {
  name: "dashboard-recovery-codes-insert",
  text: `INSERT INTO byo.dashboard_recovery_codes (user_id, code_hash)
    SELECT $1::uuid, decode(hash, 'hex') FROM unnest($2::text[]) AS hash RETURNING user_id`,
};
const USE: Statement = {
  name: "dashboard-recovery-code-use",
  text: "DELETE FROM byo.dashboard_recovery_codes WHERE user_id = $1 AND code_hash = $2 RETURNING user_id",
};
const LEFT: Statement = {
  name: "dashboard-recovery-codes-left",
  text: "SELECT count(*)::float8 AS count FROM byo.dashboard_recovery_codes WHERE user_id = $1",
};

export interface RecoveryCodeStore {
  replace(userId: string, hashes: readonly Buffer[]): Promise<void>;
  /** True for one of two requests with the same code. */
  use(userId: string, hash: Buffer): Promise<boolean>;
  left(userId: string): Promise<number>;
}

export function createRecoveryCodeStore(db: Queryable): RecoveryCodeStore {
  return {
    async replace(userId, hashes) {
      await db.query(DELETE_ALL, [userId]);
      await db.query(INSERT, [userId, hashes.map((hash) => hash.toString("hex"))]);
    },
    use: async (userId, hash) => (await db.query(USE, [userId, hash])).length > 0,
    left: async (userId) => (await db.query<{ count: number }>(LEFT, [userId]))[0]?.count ?? 0,
  };
}
