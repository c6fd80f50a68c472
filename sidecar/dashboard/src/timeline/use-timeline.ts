import { get } from "../api/call.ts";
import { usePages } from "../api/use-pages.ts";

export type TimelineSubject = { sessionId: string } | { userId: string };

interface TimelineOptions {
  /** With the rotations of tokens, which explain nothing by themselves. */
  hasRoutine?: boolean;
  /** How often to ask again. */
  everyMs?: number;
}

export function useTimeline(subject: TimelineSubject, { hasRoutine = false, everyMs }: TimelineOptions = {}) {
  const input = { ...subject, routine: hasRoutine };
  return usePages(
    ["sessions/timeline", input],
    (next, signal) => get("sessions/timeline", { ...input, ...(next !== null && { cursor: String(next) }) }, signal),
    everyMs === undefined ? {} : { everyMs },
  );
}
