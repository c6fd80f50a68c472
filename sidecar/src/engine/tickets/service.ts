import { createHash } from "node:crypto";
import { type CommandData, type CommandResponse, invalidToken } from "@byo-session/core/contract";
import { type Answer, fail, type SessionDependencies, succeed } from "../sessions/dependencies.ts";
import { livingSession } from "../sessions/living/living.ts";
import { seconds } from "../sessions/session.ts";
import { createTicketStore } from "./store.ts";

export interface UpgradeTickets {
  create(data: CommandData["CreateUpgradeTicket"]): Promise<Answer<CommandResponse["CreateUpgradeTicket"]>>;
  redeem(data: CommandData["RedeemUpgradeTicket"]): Promise<Answer<CommandResponse["RedeemUpgradeTicket"]>>;
}

const LIFETIME_SECS = 30;
const TICKET_BYTES = 32;

/**
 * Tickets for WebSockets. A browser cannot send a proof with an upgrade request, so the page gets a ticket by a request
 * with a proof and opens the socket with it. A ticket works once, on any replica.
 */
export function createUpgradeTickets(deps: SessionDependencies): UpgradeTickets {
  const { db, randomBytes, devices } = deps;
  const tickets = createTicketStore(db);

  return {
    async create({ sessionId }) {
      if (!(await livingSession(db, sessionId, deps))) return fail({ type: "SessionNotFound" });
      const ticket = randomBytes(TICKET_BYTES).toString("base64url");
      const expiresAt = await tickets.add(hashOf(ticket), sessionId, LIFETIME_SECS);
      return succeed({ ticket, expiresAt: seconds(expiresAt) });
    },

    async redeem({ ticket }) {
      const sessionId = await tickets.take(hashOf(ticket));
      const session = sessionId === undefined ? undefined : await livingSession(db, sessionId, deps);
      if (!session) return fail(invalidToken("NotFound"));
      const { id, deviceThumbprint: thumbprint, now } = session;
      if (thumbprint === null) return succeed({ sessionId: id });
      const cookies = await devices.cookies(now);
      return succeed({ sessionId: id, deviceCookie: cookies.issue({ sessionId: id, thumbprint }, LIFETIME_SECS) });
    },
  };
}

function hashOf(ticket: string): Buffer {
  return createHash("sha256").update(ticket).digest();
}
