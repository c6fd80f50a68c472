import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { TimelineEvent, TimelinePage } from "../../../src/dashboard/contract/sessions.ts";
import type { InputOf } from "./calls.ts";
import { followLive, type LiveSubject } from "./live.ts";

const ROUTINE: readonly string[] = ["RotationStarted", "RotationConfirmed"];
/** What a stream does not say, such as the last use of a session, is asked for this often. */
const BESIDE_STREAM_MS = 60_000;
const WITHOUT_STREAM_MS = 5_000;

/** How a page stays up to date: how often it asks, and whether what happens appears by itself besides. */
export interface Live {
  everyMs: number;
  isStreamed: boolean;
}

/**
 * Keeps the answers about a session, a user or everything up to date by the stream of live events. Without a
 * stream the page has to ask often. `calls`: whose answers become stale when something happens.
 */
export function useLive({ sessionId, userId }: LiveSubject, calls: readonly string[]): Live {
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const stale = calls.join(" ");

  useEffect(() => {
    const names = stale.split(" ");
    const askAgain = () =>
      void queries.invalidateQueries({ predicate: ({ queryKey: [name] }) => names.includes(String(name)) });
    const askAllAgain = () => {
      askAgain();
      void queries.invalidateQueries({ queryKey: ["sessions/timeline"] });
    };
    let wasAway = false;
    return followLive(
      { ...(sessionId !== undefined && { sessionId }), ...(userId !== undefined && { userId }) },
      {
        onOpen() {
          setIsOpen(true);
          if (wasAway) askAllAgain();
        },
        onEvents(items) {
          for (const item of items) addToTimelines(queries, item);
          // Also if the timelines had them: another answer may be from before.
          askAgain();
        },
        onChanged: askAllAgain,
        onAway() {
          if (!wasAway) askAllAgain();
          wasAway = true;
          setIsOpen(false);
        },
      },
    );
  }, [queries, sessionId, userId, stale]);

  return { everyMs: isOpen ? BESIDE_STREAM_MS : WITHOUT_STREAM_MS, isStreamed: isOpen };
}

type Timeline = InfiniteData<TimelinePage>;

/** Adds an event to the timelines that it belongs to and that do not have it. */
function addToTimelines(queries: QueryClient, event: TimelineEvent): void {
  const timelines = queries.getQueriesData<Timeline>({ queryKey: ["sessions/timeline"] });
  for (const [key, timeline] of timelines) {
    const input = key[1] as InputOf<"sessions/timeline">;
    const isOf = input.userId === undefined ? input.sessionId === event.sessionId : input.userId === event.userId;
    if (!timeline || !isOf || (ROUTINE.includes(event.event) && !input.routine)) continue;
    const known = timeline.pages.flatMap(({ items }) => items).find(({ id }) => id === event.id);
    if (known?.count === event.count) continue;
    queries.setQueryData<Timeline>(key, known ? replaced(timeline, event) : added(timeline, event));
  }
}

function replaced({ pages, ...rest }: Timeline, event: TimelineEvent): Timeline {
  const replace = (item: TimelineEvent) => (item.id === event.id ? { ...item, ...event } : item);
  return { ...rest, pages: pages.map((page) => ({ ...page, items: page.items.map(replace) })) };
}

function added({ pages: [first, ...older], ...rest }: Timeline, event: TimelineEvent): Timeline {
  if (!first) return { ...rest, pages: older };
  const items = [event, ...first.items].sort((a, b) => b.time - a.time || Number(BigInt(b.id) - BigInt(a.id)));
  return { ...rest, pages: [{ ...first, items }, ...older] };
}
