import { z } from "zod";
import { call, EVERYBODY } from "../call.ts";
import type { EventStream } from "../event-stream.ts";
import { SUBJECT } from "../events/calls.ts";
import type { LiveFeed } from "./feed.ts";

export interface LiveContext {
  live: LiveFeed;
}

export const LIVE_CALLS = {
  /**
   * What happens, as server-sent events (`contract/live.ts`): of one session, of a user, or, without either, only that
   * something has changed. The stream ends with the login, and never counts as use of it.
   */
  "live/events": call({
    method: "GET",
    access: EVERYBODY,
    isBackground: true,
    input: z.strictObject(SUBJECT).refine(({ sessionId, userId }) => sessionId === undefined || userId === undefined, {
      error: "expected a sessionId or a userId, not both",
    }),
    async handler(subject, { login }, { live }: LiveContext): Promise<EventStream> {
      return { stream: live.open(login, subject).readable };
    },
  }),
};
