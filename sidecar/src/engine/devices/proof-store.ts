import type { Queryable, Statement } from "../db/database.ts";

// Always in the same order: two replicas that insert the same proofs must not wait for each other.
const USE_PROOFS: Statement = {
  name: "proofs-use",
  text: `INSERT INTO byo.used_proofs (proof_hash, attempt_id, expires_at)
         SELECT hash, attempt, to_timestamp(until) FROM unnest($1::bytea[], $2::text[], $3::float8[]) AS v (hash, attempt, until)
         ORDER BY hash
         ON CONFLICT (proof_hash) DO NOTHING RETURNING proof_hash AS "hash"`,
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
  const inserted = await db.query<{ hash: Buffer }>(USE_PROOFS, [
    different.map(({ hash }) => hash),
    different.map(({ attemptId }) => attemptId ?? null),
    different.map(({ keptUntilSecs }) => keptUntilSecs),
  ]);
  const ours = new Set(inserted.map((row) => first.get(nameOf(row))));
  const repeated = uses.filter((use) => !ours.has(use) && use.attemptId !== undefined);
  const attempts = repeated.length > 0 ? await attemptsOf(db, repeated) : new Map<string, string | null>();
  return uses.map(
    (use) => ours.has(use) || (use.attemptId !== undefined && attempts.get(nameOf(use)) === use.attemptId),
  );
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
