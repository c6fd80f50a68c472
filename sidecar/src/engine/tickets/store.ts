import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";

const ADD_TICKET: Statement = {
  name: "ticket-add",
  text: `INSERT INTO byo.upgrade_tickets (ticket_hash, session_id, expires_at)
         VALUES ($1, $2, byo.now() + make_interval(secs => $3::float8)) RETURNING (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAt"`,
};
const TAKE_TICKET: Statement = {
  name: "ticket-take",
  text: `DELETE FROM byo.upgrade_tickets WHERE ticket_hash = $1
         RETURNING session_id AS "sessionId", expires_at > byo.now() AS "isGood"`,
};
const DELETE_EXPIRED = deletionOf("tickets-delete-expired", { table: "byo.upgrade_tickets", column: "expires_at" });

export interface TicketStore {
  /** Returns when the ticket expires, in milliseconds. */
  add(ticketHash: Buffer, sessionId: string, lifetimeSecs: number): Promise<number>;
  /** Uses up a ticket and returns its session; undefined if the ticket was not valid. */
  take(ticketHash: Buffer): Promise<string | undefined>;
  deleteExpired(from: string | null, limit: number): Promise<Deleted>;
}

export function createTicketStore(db: Queryable): TicketStore {
  return {
    async add(ticketHash, sessionId, lifetimeSecs) {
      const [added] = await db.query<{ expiresAt: number }>(ADD_TICKET, [ticketHash, sessionId, lifetimeSecs]);
      return added?.expiresAt ?? 0;
    },
    async take(ticketHash) {
      const [taken] = await db.query<{ sessionId: string; isGood: boolean }>(TAKE_TICKET, [ticketHash]);
      return taken?.isGood ? taken.sessionId : undefined;
    },
    deleteExpired: (from, limit) => deleteSome(db, DELETE_EXPIRED, from, limit),
  };
}
