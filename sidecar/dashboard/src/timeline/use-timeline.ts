import { useInfiniteQuery } from "@tanstack/react-query";
import { get } from "../api/call.ts";

export type TimelineSubject = { sessionId: string } | { userId: string };

export const TIMELINE_REFRESH_MS = 5_000;

/** Refreshes only while just the newest page is shown: older pages do not change. */
export function useTimeline(subject: TimelineSubject) {
  return useInfiniteQuery({
    queryKey: ["sessions/timeline", subject],
    queryFn: ({ pageParam: cursor, signal }) =>
      get("sessions/timeline", { ...subject, ...(cursor !== null && { cursor }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : TIMELINE_REFRESH_MS),
  });
}
