import type { SessionDependencies } from "../dependencies.ts";
import { createSessionStore } from "../store.ts";
import { hashOfSecret, tokenAfter } from "../token/chain.ts";
import type { SessionToken } from "../token/session-token.ts";
import { type Attempt, eventOf } from "../validate/attempt.ts";
import { pairOf } from "../validate/client-pairs.ts";
import type { Acceptance } from "../validate/decide.ts";

/** `token`: for the answer, if there is one. `isStale`: the row is no longer as it was read, and nothing was changed. */
export type Rotated = { isStale: true } | { isStale: false; token: SessionToken | undefined };

const STALE: Rotated = { isStale: true };

/** Carries out what was decided about a session's chain. */
export function createRotation({ db, audit, metrics }: SessionDependencies) {
  return async function rotate(attempt: Attempt, { rotation, position }: Acceptance): Promise<Rotated> {
    const { row, presented, salt } = attempt;
    // Only the owner's proof gets here: without one a stale token is refused, or ends the session.
    if (position === "stale") audit.refused(eventOf(attempt, "CookieRestored"), row.now);
    if (rotation.change === "confirm" && !(await confirm(attempt))) return STALE;
    if (rotation.answer === "none") return { isStale: false, token: undefined };

    const token = tokenAfter(salt(), presented.token, rotation.answer === "successor" ? row.gen + 1 : row.gen);
    if (!token) return { isStale: false, token };
    if (rotation.change === "start" && !(await start(attempt, token))) return STALE;
    // A lost race means that another request counted.
    if (rotation.change === "count") await createSessionStore(db).countPending(row);
    return { isStale: false, token };
  };

  async function confirm(attempt: Attempt): Promise<boolean> {
    const { row, policy, presented } = attempt;
    const confirmed = await audit.transaction(async (tx, record) => {
      const done = await createSessionStore(tx).confirm(row, {
        graceSecs: policy.rotation_grace_secs,
        ipAddress: presented.ipAddress,
        userAgent: presented.userAgent,
        clientPair: pairOf(presented),
      });
      if (done) record(eventOf(attempt, "RotationConfirmed"));
      return done;
    });
    if (confirmed) metrics.rotation("confirmed");
    return confirmed;
  }

  async function start(attempt: Attempt, successor: SessionToken): Promise<boolean> {
    const started = await audit.transaction(async (tx, record) => {
      const done = await createSessionStore(tx).startRotation(attempt.row, hashOfSecret(successor.secret));
      if (done) record(eventOf(attempt, "RotationStarted"));
      return done;
    });
    if (started) metrics.rotation("started");
    return started;
  }
}
