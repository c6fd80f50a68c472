import { changed } from "../../db/changed.ts";
import type { Queryable, Statement } from "../../db/database.ts";
import type { ClientPairs } from "../client-pairs.ts";
import type { SessionRow } from "../session.ts";

const SET_PAIRS: Statement = {
  name: "session-set-pairs",
  changes: "session",
  text: `UPDATE byo.sessions SET client_pair = $3, other_pair = $4
         WHERE id = $1 AND gen = $2 AND client_pair IS NOT DISTINCT FROM $5 AND ended_at IS NULL RETURNING id`,
};
const RAISE_USER_AGENT: Statement = {
  name: "session-raise-user-agent",
  changes: "session",
  text: `UPDATE byo.sessions SET user_agent = $3 WHERE id = $1 AND user_agent = $2 AND ended_at IS NULL RETURNING id`,
};

/** What a validation records about the client. False: the row has changed since it was read. */
export interface ClientStore {
  setPairs(row: SessionRow, pairs: ClientPairs): Promise<boolean>;
  raiseUserAgent(row: SessionRow, userAgent: string): Promise<boolean>;
}

export function createClientStore(db: Queryable): ClientStore {
  return {
    setPairs: (row, { clientPair, otherPair }) =>
      changed(db, SET_PAIRS, row.id, row.gen, clientPair, otherPair, row.clientPair),
    raiseUserAgent: (row, userAgent) => changed(db, RAISE_USER_AGENT, row.id, row.userAgent, userAgent),
  };
}
