import { changed } from "../../db/changed.ts";
import type { Queryable, Statement } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";
import { hashOfSecret } from "../token/chain.ts";
import type { SessionToken } from "../token/session-token.ts";

/**
 * The SQL of a session's chain. Each change is one UPDATE whose guards are on the target row itself: PostgreSQL checks
 * those again after waiting for another transaction, but never a guard inside a CTE or a sub-select.
 */

const START: Statement = {
  name: "session-start-rotation",
  changes: "session",
  text: `UPDATE byo.sessions SET next_hash = $4, pending_since = byo.now(), pending_count = 1
         WHERE id = $1 AND gen = $2 AND cur_hash = $3 AND next_hash IS NULL AND ended_at IS NULL RETURNING id`,
};
const COUNT_PENDING: Statement = {
  name: "session-count-pending",
  changes: "session",
  text: `UPDATE byo.sessions SET pending_count = pending_count + 1
         WHERE id = $1 AND gen = $2 AND next_hash IS NOT NULL AND pending_count = $3 AND ended_at IS NULL RETURNING id`,
};
const CONFIRM: Statement = {
  name: "session-confirm",
  changes: "session",
  text: `UPDATE byo.sessions SET gen = gen + 1, cur_hash = next_hash, next_hash = NULL, since = byo.now(),
           prev_until = byo.now() + make_interval(secs => $4::float8), rotation_asked = false, pending_since = NULL,
           pending_count = 0, confirmed_ip = $5, confirmed_user_agent = $6, client_pair = $7, other_pair = NULL
         WHERE id = $1 AND gen = $2 AND next_hash = $3 AND ended_at IS NULL RETURNING id`,
};

// As if all confirmations between had happened now: the token before it keeps its grace, and older ones are stale. Where a
// recovery has told the generation, nothing was confirmed now.
const ADOPT: Statement = {
  name: "session-adopt",
  changes: "session",
  text: `UPDATE byo.sessions SET gen = $4, cur_hash = $5, next_hash = NULL, since = byo.now(), adopted_at = byo.now(),
           prev_until = CASE WHEN gen < $4 THEN byo.now() + make_interval(secs => $6::float8) END,
           rotation_asked = false, pending_since = NULL, pending_count = 0, confirmed_ip = $7,
           confirmed_user_agent = $8, client_pair = $9, other_pair = NULL
         WHERE id = $1 AND gen = $2 AND cur_hash = $3 AND ended_at IS NULL RETURNING id`,
};

export interface Confirmation {
  graceSecs: number;
  ipAddress: string | undefined;
  userAgent: string | undefined;
  clientPair: Buffer | undefined;
}

/** Each change says whether it took place: false means that the row is no longer as it was read. */
export interface RotationStore {
  start(row: SessionRow, nextHash: Buffer): Promise<boolean>;
  countPending(row: SessionRow): Promise<boolean>;
  confirm(row: SessionRow, confirmation: Confirmation): Promise<boolean>;
  adopt(row: SessionRow, token: Pick<SessionToken, "gen" | "secret">, confirmation: Confirmation): Promise<boolean>;
}

export function createRotationStore(db: Queryable): RotationStore {
  return {
    start: ({ id, gen, curHash }, nextHash) => changed(db, START, id, gen, curHash, nextHash),
    countPending: ({ id, gen, pendingCount }) => changed(db, COUNT_PENDING, id, gen, pendingCount),
    confirm({ id, gen, nextHash }, { graceSecs, ipAddress = null, userAgent = null, clientPair = null }) {
      return changed(db, CONFIRM, id, gen, nextHash, graceSecs, ipAddress, userAgent, clientPair);
    },
    adopt({ id, gen, curHash }, token, { graceSecs, ipAddress = null, userAgent = null, clientPair = null }) {
      const values = [token.gen, hashOfSecret(token.secret), graceSecs, ipAddress, userAgent, clientPair];
      return changed(db, ADOPT, id, gen, curHash, ...values);
    },
  };
}
