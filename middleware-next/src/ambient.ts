import { ConfigurationError, checkRequirements } from "@byo-session/core";
import { connection } from "next/server.js";
import { errorOf, interruptBy } from "./interrupt.ts";
import { isInPrivateCache } from "./server-request.ts";
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
    await neverPrerendered(entered);
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
      const entered = await stage.current();
      const { attached, part } = entered;
      // A page or an action goes to the login page, whichever way Next's router has asked for it.
      const refusal = entered.answer ?? (await attached.guard(checked, part === "route" ? undefined : true));
      if (refusal) {
        await neverPrerendered(entered);
        return interruptBy(refusal, part);
      }
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

/** What is refused now may be let in at the click: no refusal is kept with a page that is rendered ahead of it. */
async function neverPrerendered({ part }: Entered): Promise<void> {
  if (part === "page" && !isInPrivateCache()) await connection();
}
