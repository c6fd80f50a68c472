import type { PolicySetting, SessionSummary, TimelineEvent } from "./sessions.ts";

/** The answer of `app-users/lanes`: what a user's sessions did over time. */
export interface Lanes {
  /** The sessions that lived in this time, the newest first. */
  sessions: SessionSummary[];
  /** There are more sessions than these. */
  hasMoreSessions: boolean;
  /** The events in this time without token rotations, the newest first; those without a session are logins that failed. */
  events: TimelineEvent[];
  /** Undefined: all events are there. Otherwise the time of the oldest one. */
  eventsSince?: number;
}

/** The answer of `app-users/limits`. */
export interface UserLimits {
  /** The active sessions by their tags, the most frequent first; without any, what a login without tags would get. */
  groups: LimitGroup[];
  /** There are sessions with other tags too. */
  isCapped: boolean;
  revision: number;
}

export interface LimitGroup {
  tags: string[];
  active: number;
  policy: PolicySetting[];
}
