import { get } from "../api/call.ts";
import { usePages } from "../api/use-pages.ts";

export type TimelineSubject = { sessionId: string } | { userId: string };

export const TIMELINE_REFRESH_MS = 5_000;

export function useTimeline(subject: TimelineSubject) {
  return usePages(
    ["sessions/timeline", subject],
    (next, signal) => get("sessions/timeline", { ...subject, ...(next !== null && { cursor: String(next) }) }, signal),
    { everyMs: TIMELINE_REFRESH_MS },
  );
}
