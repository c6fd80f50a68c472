import { z } from "zod";
import { call, EVERYBODY } from "../call.ts";
import type { Lanes, UserLimits } from "../contract/app-users.ts";
import { createEventStore } from "../events/store.ts";
import { timelineEvent } from "../events/timeline-event.ts";
import { time, userId } from "../fields.ts";
import { explainPolicy } from "../policies/explain.ts";
import { invalidField } from "../refusal.ts";
import { livingIn } from "../search-context.ts";
import { type SessionContext, summaries } from "../sessions/calls.ts";
import { parseFilter } from "../sessions/filter.ts";
import { createSearchStore } from "../sessions/store.ts";
import { tagsOfUser } from "./store.ts";

const MAX_SECS = 400 * 86_400;
const MAX_SESSIONS = 50;
/** Sessions that ended before are read too, because no index has both times. */
const MAX_READ = 200;
const MAX_EVENTS = 300;
const MAX_GROUPS = 10;

/** One user of the application: its sessions side by side, and what applies to them now. */
export const APP_USER_CALLS = {
  /** `from` and `to` in Unix seconds, at most 400 days apart. */
  "app-users/lanes": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ userId, from: time, to: time }),
    async handler({ userId, from, to }, _caller, context: SessionContext): Promise<Lanes> {
      if (to <= from || to - from > MAX_SECS) throw invalidField("to", "expected a time after from, within 400 days");
      const { boundedDb } = context;
      const filter = parseFilter({ userId, createdTo: to });
      const [rows, events] = await Promise.all([
        createSearchStore(boundedDb).page(filter, await livingIn(context), undefined, MAX_READ + 1),
        createEventStore(boundedDb).ofUserBetween(userId, from, to, MAX_EVENTS + 1),
      ]);
      const lived = (await summaries(rows.slice(0, MAX_READ), context)).filter(
        ({ endedAt }) => endedAt === null || endedAt >= from,
      );
      const shown = events.slice(0, MAX_EVENTS).map(timelineEvent);
      const oldest = events.length > shown.length ? shown.at(-1) : undefined;
      return {
        sessions: lived.slice(0, MAX_SESSIONS),
        hasMoreSessions: lived.length > MAX_SESSIONS || rows.length > MAX_READ,
        events: shown,
        ...(oldest && { eventsSince: oldest.time }),
      };
    },
  }),

  /** How many active sessions the user has, and the policy that applies to them now. */
  "app-users/limits": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ userId }),
    async handler({ userId }, _caller, context: SessionContext): Promise<UserLimits> {
      const { boundedDb, policies, file, edits } = context;
      const rows = await tagsOfUser(boundedDb, userId, MAX_GROUPS + 1, await livingIn(context));
      const shown = rows.length === 0 ? [{ tags: [], active: 0 }] : rows.slice(0, MAX_GROUPS);
      return {
        groups: shown.map(({ tags, active }) => ({
          ...{ tags, active },
          policy: explainPolicy(policies.config(), file(), tags),
        })),
        isCapped: rows.length > MAX_GROUPS,
        revision: edits?.current()?.revision ?? 0,
      };
    },
  }),
};
