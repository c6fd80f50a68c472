import { get } from "../api/call.ts";
import { usePages } from "../api/use-pages.ts";

export type TimelineSubject = { sessionId: string } | { userId: string };

export const TIMELINE_REFRESH_MS = 5_000;

/** `hasRoutine`: with the rotations of tokens, which explain nothing by themselves. */
export function useTimeline(subject: TimelineSubject, hasRoutine = false) {
  const input = { ...subject, routine: hasRoutine };
  return usePages(
    ["sessions/timeline", input],
    (next, signal) => get("sessions/timeline", { ...input, ...(next !== null && { cursor: String(next) }) }, signal),
    { everyMs: TIMELINE_REFRESH_MS },
  );
}
