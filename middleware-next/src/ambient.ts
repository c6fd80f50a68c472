import { checkRequirements } from "@byo-session/core";
import type { EnteredRequests } from "./entered-requests.ts";
import { errorOf, interruptBy } from "./interrupt.ts";
import { currentVisit } from "./server-request.ts";
import type { Entered } from "./server-stage.ts";
import type { Sessions } from "./sessions.ts";

/** The functions that find the request by themselves. */
export function createAmbient(
  requests: EnteredRequests,
): Pick<Sessions, "getSession" | "requireSession" | "byo" | "corsHeaders"> {
  const current = (): Promise<Entered> => requests.current(currentVisit);

  return {
    async getSession() {
      const { attached, answer } = await current();
      if (answer) throw errorOf(answer);
      return attached.byo.getSession();
    },

    async requireSession(requirements = {}) {
      const checked = checkRequirements(requirements);
      const { attached, answer, asPage } = await current();
      const refusal = answer ?? (await attached.guard(checked, asPage || undefined));
      if (refusal) return interruptBy(refusal);
      const session = await attached.byo.getSession();
      if (session) return session;
      throw new Error("a guard let a request without a session pass");
    },

    async byo() {
      const { attached, answer } = await current();
      if (answer) throw errorOf(answer);
      return attached.byo;
    },

    corsHeaders: async () => Object.fromEntries((await current()).attached.corsHeaders()),
  };
}
