import { type Attempt, eventOf } from "../attempt.ts";
import { pairOf } from "../client-pairs.ts";
import type { SessionDependencies } from "../dependencies.ts";
import { hashOfSecret, tokenAfter } from "../token/chain.ts";
import type { SessionToken } from "../token/session-token.ts";
import type { RotationStep } from "./step.ts";
import { type Confirmation, createRotationStore } from "./store.ts";

/** `token`: the token for the answer, if any. `isStale`: the row has changed since it was read; nothing was done. */
export type StepTaken = { isStale: true } | { isStale: false; token: SessionToken | undefined };

const STALE: StepTaken = { isStale: true };

/** Takes the step that was decided in a session's chain. */
export type TakeStep = (attempt: Attempt, step: RotationStep) => Promise<StepTaken>;

export function createRotator({ db, audit, metrics }: SessionDependencies): TakeStep {
  return async (attempt, step) => {
    const { row, token: presentedToken, position, salt } = attempt;
    // Only a request with the owner's proof gets here: otherwise a stale token is refused or ends the session.
    if (position === "stale") audit.refused(eventOf(attempt, "CookieRestored"), row.now);
    if (step.change === "confirm" && !(await confirm(attempt))) return STALE;
    if (step.change === "adopt" && !(await adopt(attempt))) return STALE;
    if (step.answer === "none") return { isStale: false, token: undefined };

    const token = tokenAfter(salt(), presentedToken, step.answer === "successor" ? row.gen + 1 : row.gen);
    if (!token) return { isStale: false, token };
    if (step.change === "start" && !(await start(attempt, token))) return STALE;
    // If the race is lost, another request has counted.
    if (step.change === "count") await createRotationStore(db).countPending(row);
    return { isStale: false, token };
  };

  async function confirm(attempt: Attempt): Promise<boolean> {
    const { row } = attempt;
    const confirmed = await audit.transaction(async (tx, record) => {
      const done = await createRotationStore(tx).confirm(row, confirmationBy(attempt));
      if (done) record({ ...eventOf(attempt, "RotationConfirmed"), details: { generation: row.gen + 1 } });
      return done;
    });
    if (confirmed) metrics.rotation("confirmed");
    return confirmed;
  }

  async function adopt(attempt: Attempt): Promise<boolean> {
    const { row, token } = attempt;
    const adopted = await audit.transaction(async (tx, record) => {
      const done = await createRotationStore(tx).adopt(row, token, confirmationBy(attempt));
      const details = { generation: token.gen, knownGeneration: row.gen };
      if (done) record({ ...eventOf(attempt, "NewerTokenAdopted"), details });
      return done;
    });
    if (adopted) metrics.rotation("adopted");
    return adopted;
  }

  async function start(attempt: Attempt, successor: SessionToken): Promise<boolean> {
    const started = await audit.transaction(async (tx, record) => {
      const done = await createRotationStore(tx).start(attempt.row, hashOfSecret(successor.secret));
      if (done) record(eventOf(attempt, "RotationStarted"));
      return done;
    });
    if (started) metrics.rotation("started");
    return started;
  }
}

function confirmationBy({ policy, presented }: Attempt): Confirmation {
  const { ipAddress, userAgent } = presented;
  return { graceSecs: policy.rotation_grace_secs, ipAddress, userAgent, clientPair: pairOf(presented) };
}
