import {
  ConfigurationError,
  checkRequirements,
  type Session,
  type SessionActions,
  type SessionRequirements,
} from "@byo-session/core";
import { connection } from "next/server.js";
import { sessionOrRefusal } from "./grants.ts";
import { errorOf, interruptBy, loadAgain } from "./interrupt.ts";
import { isInPrivateCache, isRender } from "./server-request.ts";
import type { Entered, ServerStage } from "./server-stage.ts";

/** The functions that find the request by themselves. */
export interface Ambient {
  /**
   * The session of this request, or null. The first call decides for the whole request; a page is dynamic from here on.
   * In a page also null where the request is refused by 401, as without the session's device.
   *
   * @throws SessionActionError where an answer of its own would be due: `ERR_SIDECAR_UNAVAILABLE`, or `ERR_REFUSED`,
   * which is 401 or 403 of a route handler.
   */
  getSession(): Promise<Session | null>;
  /**
   * The session, or an end of the page or action: a redirect to `loginUrl` with `returnTo`; without one Next's
   * `unauthorized()` and `forbidden()`, where `experimental.authInterrupts` is on; else a `SessionActionError`. A page
   * behind the proxy is asked for once more while the sidecar is away, and then the proxy answers 503.
   */
  requireSession(requirements?: SessionRequirements): Promise<Session>;
  /** What this request can do with sessions. To log in or out takes an action or a route handler: a page sets no cookie. */
  byo(): Promise<SessionActions>;
  /** For a route handler's answer to pages of the origins in `trustedOrigins`. */
  corsHeaders(): Promise<Record<string, string>>;
}

export function createAmbient(stage: ServerStage): Ambient {
  /** Throws what a handler would be answered by. */
  async function letIn(): Promise<Entered> {
    const entered = await stage.current();
    if (!entered.answer) return entered;
    if (!isInPrivateCache()) await neverPrerendered();
    throw errorOf(entered.answer, entered.part);
  }

  return {
    async getSession() {
      const { answer, part } = await stage.current();
      // Next gives a page no way to answer 401 that its users could read. To a page such a request is nobody's; its
      // guard answers.
      if (part === "page" && answer?.status === 401) return null;
      return (await letIn()).attached.byo.getSession();
    },

    async requireSession(requirements = {}) {
      const checked = checkRequirements(requirements);
      if (isInPrivateCache()) throw new ConfigurationError("ERR_INSIDE_CACHE", GUARD_IN_CACHE);
      await neverPrerendered();
      const entered = await stage.current();
      const { part, leaveToProxy } = entered;
      // A page or an action goes to the login page, whichever way Next's router has asked for it.
      const found = await sessionOrRefusal(entered, checked, part === "route" ? undefined : true);
      if (!("status" in found)) return found;
      // Next gives a page no way to answer 503. The proxy has one.
      if (part === "page" && found.status === 503 && leaveToProxy) loadAgain(leaveToProxy());
      return interruptBy(found, part);
    },

    byo: async () => (await letIn()).attached.byo,

    corsHeaders: async () => Object.fromEntries((await stage.current()).attached.corsHeaders()),
  };
}

const GUARD_IN_CACHE =
  'requireSession() was called inside of "use cache: private", whose results browsers keep: guard outside of it, and ask ' +
  "for getSession() inside";

/**
 * A page may be rendered ahead of the click, and is shown then without a request. Who is let in now may be refused by
 * then, and who is refused may have logged in: nothing that depends on a guard is kept.
 */
async function neverPrerendered(): Promise<void> {
  if (isRender()) await connection();
}
