import { ConfigurationError, checkRequirements } from "@byo-session/core";
import { connection } from "next/server.js";
import { errorOf, interruptBy } from "./interrupt.ts";
import { isInPrivateCache, isRender } from "./server-request.ts";
import type { Entered, ServerStage } from "./server-stage.ts";
import type { Sessions } from "./sessions.ts";

/** The functions that find the request by themselves. */
export function createAmbient(
  stage: ServerStage,
): Pick<Sessions, "getSession" | "requireSession" | "byo" | "corsHeaders"> {
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
      const { answer, attached, part } = await stage.current();
      // A page or an action goes to the login page, whichever way Next's router has asked for it.
      const refusal = answer ?? (await attached.guard(checked, part === "route" ? undefined : true));
      if (refusal) return interruptBy(refusal, part);
      const session = await attached.byo.getSession();
      if (session) return session;
      throw new Error("a guard let a request without a session pass");
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
