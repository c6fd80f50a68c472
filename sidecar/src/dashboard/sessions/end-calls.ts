import { z } from "zod";
import type { SessionService } from "../../engine/sessions/service.ts";
import { call, EDITORS } from "../call.ts";
import { traceOf } from "../caller.ts";
import { sessionId } from "../fields.ts";
import { notFound } from "../refusal.ts";

export interface EndCallContext {
  invalidate: SessionService["invalidate"];
}

/** Ends one session. This cannot be undone. */
export const END_CALLS = {
  "sessions/end-one": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ sessionId }),
    async handler({ sessionId }, caller, { invalidate }: EndCallContext) {
      // The caller's address goes into the details: as the event's address it would look like the user's in a timeline.
      const { actor, ...by } = traceOf(caller);
      const answer = await invalidate.byId({ sessionId }, { actor, details: { by } });
      if (!answer.ok) throw notFound("No active session has this id.");
      return {};
    },
  }),
};
