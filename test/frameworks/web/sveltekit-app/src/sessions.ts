import { createSessions, type Session, type SessionActions, type SessionRequirements } from "@byo-session/web";
import { error, type RequestEvent, redirect } from "@sveltejs/kit";

export const sessions = createSessions<RequestEvent>(
  { loginUrl: "/login", routes: { prefix: "/session" }, clientIp: (event) => event.getClientAddress() },
  { isInternal: (event) => event.isSubRequest, raise: refuse },
);

/** What every part of the app finds in `locals`. */
export function localsOf(event: RequestEvent): App.Locals {
  return {
    byo: sessions.byo(event),
    async requireSession(needs) {
      const refusal = await sessions.guard(event, needs, true);
      if (refusal) await refuse(refusal);
      return sessions.session(event);
    },
  };
}

async function refuse(answer: Response): Promise<never> {
  const location = answer.headers.get("location");
  if (location !== null) redirect(302, location);
  error(answer.status, (await answer.json()).reason);
}

declare global {
  namespace App {
    interface Locals {
      byo: SessionActions;
      requireSession(needs?: SessionRequirements): Promise<Session | null>;
    }
  }
}
