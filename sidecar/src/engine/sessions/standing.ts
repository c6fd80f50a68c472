import type { Envelope } from "../keys/envelope.ts";
import { saltPurpose } from "../keys/sealed-places.ts";
import type { Policy } from "../policy/policy.ts";
import { type Lapse, lapseOf, type SessionRow } from "./session.ts";
import { type Position, positionOf } from "./token/position.ts";
import type { SessionToken } from "./token/session-token.ts";

/** A session as it was read, and a presented token's place in it. Computed once; all decisions use it. */
export interface Standing {
  readonly row: SessionRow;
  readonly policy: Policy;
  readonly token: SessionToken;
  readonly position: Position;
  /** Why the session has ended by time; undefined while it lives. */
  readonly lapse: Lapse | undefined;
  /** Opens the salt at the first call: most validations do not need it. */
  readonly salt: () => Buffer;
}

export function standingOf(row: SessionRow, policy: Policy, token: SessionToken, envelope: Envelope): Standing {
  const salt = saltOf(row, envelope);
  return { row, policy, token, position: positionOf(row, token, salt), lapse: lapseOf(row, policy), salt };
}

/** Opens the session's salt at the first call, and only once. */
export function saltOf({ id, salt }: SessionRow, envelope: Envelope): () => Buffer {
  let opened: Buffer | undefined;
  return () => {
    opened ??= envelope.open(saltPurpose(id), salt);
    return opened;
  };
}

/** The session lives, and this sidecar issued the token. */
export function isGenuineAndLiving({ row, lapse, position }: Standing): boolean {
  return row.endReason === null && lapse === undefined && position !== "forged";
}
