import type { TimelineEvent } from "./sessions.ts";

/** What the stream of `live/events` sends, by the name of the event; the data is JSON. */
export interface LiveMessages {
  /** New events of the session or user, or known ones that happened again. The oldest is the first. */
  events: { items: TimelineEvent[] };
  /** Something changed that is too much to send: ask again. */
  changed: Record<string, never>;
}
