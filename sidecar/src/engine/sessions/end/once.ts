import { createHash } from "node:crypto";
import type { Once } from "@byo-session/core/contract";
import type { Queryable } from "../../db/database.ts";
import { isUsedByAnother, type ProofUse, useProofs } from "../../devices/proof-store.ts";

/** The order was carried out before; the transaction must be rolled back. */
export class AlreadyDone extends Error {
  override readonly name = "AlreadyDone";
}

/** @throws AlreadyDone */
export async function refuseRepeated(tx: Queryable, once: Once): Promise<void> {
  if (await isUsedByAnother(tx, useOf(once))) throw new AlreadyDone();
}

/**
 * Records in the transaction of the last part that the order is done. Not earlier: if a part fails, the sender must be
 * able to send the order again.
 *
 * @throws AlreadyDone if the same order was carried out elsewhere meanwhile.
 */
export async function noteDone(tx: Queryable, once: Once): Promise<void> {
  const [isOurs] = await useProofs(tx, [useOf(once)]);
  if (!isOurs) throw new AlreadyDone();
}

/** It is kept beside the used device proofs, which are random hashes too and expire in the same way. */
function useOf({ id, keptUntil, attemptId }: Once): ProofUse {
  const hash = createHash("sha256").update(`InvalidateSessions once\0${id}`).digest();
  return { hash, attemptId, keptUntilSecs: keptUntil };
}
