import { randomUUID } from "node:crypto";
import type { Queryable, Statement } from "../db/database.ts";

// Always in the same order: two replicas that insert the same proofs must not wait for each other. It says only how many it
// inserted, almost always all: to return and read each row costs as much as the rest of a row in this process.
const USE_PROOFS: Statement = {
  name: "proofs-use",
  text: `WITH used AS (
           INSERT INTO byo.used_proofs (proof_hash, attempt_id, expires_at)
           SELECT hash, attempt, to_timestamp(until)
           FROM unnest($1::bytea[], $2::text[], $3::float8[]) AS v (hash, attempt, until)
           ORDER BY hash
           ON CONFLICT (proof_hash) DO NOTHING RETURNING 1)
         SELECT count(*)::integer AS count FROM used`,
};
const READ_PROOFS: Statement = {
  name: "proofs-read",
  text: 'SELECT proof_hash AS "hash", attempt_id AS "attemptId" FROM byo.used_proofs WHERE proof_hash = ANY($1::bytea[])',
};
export interface ProofUse {
  hash: Buffer;
  /** The call: a repetition after a lost answer may use the proof again. */
  attemptId: string | undefined;
  /** In Unix seconds. */
  keptUntilSecs: number;
}

/** Uses up proofs in one statement. The results are in the same order: false if another call has used the proof. */
export async function useProofs(db: Queryable, uses: readonly ProofUse[]): Promise<boolean[]> {
  const first = new Map<string, ProofUse>();
  for (const use of uses) if (!first.has(nameOf(use))) first.set(nameOf(use), use);
  const different = [...first.values()];
  // Where a call names no attempt: a row with this one was inserted here, and no call can name it.
  const unnamed = randomUUID();
  const [used] = await db.query<{ count: number }>(USE_PROOFS, [
    different.map(({ hash }) => hash),
    different.map(({ attemptId }) => attemptId ?? unnamed),
    different.map(({ keptUntilSecs }) => keptUntilSecs),
  ]);
  if (used?.count === uses.length) return uses.map(() => true);
  const attempts = await attemptsOf(db, different);
  return uses.map((use) => {
    const attempt = attempts.get(nameOf(use));
    return use.attemptId === undefined
      ? attempt === unnamed && first.get(nameOf(use)) === use
      : attempt === use.attemptId;
  });
}

/** Whether another call than this attempt has used the proof. */
export async function isUsedByAnother(db: Queryable, { hash, attemptId }: ProofUse): Promise<boolean> {
  const attempts = await attemptsOf(db, [{ hash }]);
  return attempts.has(nameOf({ hash })) && attempts.get(nameOf({ hash })) !== attemptId;
}

/** Which call used each proof, by the proof's hash. */
async function attemptsOf(db: Queryable, uses: readonly Pick<ProofUse, "hash">[]): Promise<Map<string, string | null>> {
  const rows = await db.query<{ hash: Buffer; attemptId: string | null }>(READ_PROOFS, [uses.map(({ hash }) => hash)]);
  return new Map(rows.map((row) => [nameOf(row), row.attemptId]));
}

function nameOf({ hash }: { hash: Buffer }): string {
  return hash.toString("base64url");
}
