import { Checkbox, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { whyMissing } from "../api/away.ts";
import type { Live } from "../api/use-live.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorState } from "../parts/error-state.tsx";
import { LiveMark } from "../parts/live-mark.tsx";
import { OlderButton } from "../parts/older-button.tsx";
import { PageLoader } from "../parts/page-loader.tsx";
import { ZoneSwitch } from "../parts/zone-switch.tsx";
import { SessionOfEvent } from "./session-of-event.tsx";
import classes from "./timeline.module.css";
import { TimelineEntry } from "./timeline-entry.tsx";
import { useTimeline } from "./use-timeline.ts";

interface TimelineProps {
  userId: string;
  /** The session of the page. Undefined: the page is about the user. */
  sessionId?: string;
  live: Live;
}

/** What happened in a session or to a user, newest first, in plain sentences. */
export function Timeline({ userId, sessionId, live }: TimelineProps) {
  const [hasRoutine, setHasRoutine] = useState(false);
  const [hasOthers, setHasOthers] = useState(false);
  const isOfUser = sessionId === undefined || hasOthers;
  const pages = useTimeline(isOfUser ? { userId } : { sessionId }, { hasRoutine, everyMs: live.everyMs });
  const missing = whyMissing(pages);
  if (missing !== null) return <ErrorState error={missing} onRetry={() => void pages.refetch()} />;

  const shown = pages.data?.items;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          {pages.data?.count === 1 && <LiveMark {...live} of={pages} />}
          <ZoneSwitch />
        </Group>
        <Group gap="sm">
          {sessionId !== undefined && (
            <Checkbox
              size="xs"
              label="Show the user's other sessions too"
              checked={hasOthers}
              onChange={(event) => setHasOthers(event.currentTarget.checked)}
            />
          )}
          <Checkbox
            size="xs"
            label="Show routine token rotations"
            checked={hasRoutine}
            onChange={(event) => setHasRoutine(event.currentTarget.checked)}
          />
        </Group>
      </Group>
      {shown === undefined && <PageLoader />}
      {shown?.length === 0 && (
        <EmptyState title="No events">The retention settings say how long events are kept.</EmptyState>
      )}
      {shown !== undefined && shown.length > 0 && (
        <ol className={classes.list} aria-label="Timeline, newest first">
          {shown.map((event) => (
            <TimelineEntry key={event.id} event={event}>
              {isOfUser && <SessionOfEvent event={event} here={sessionId} />}
            </TimelineEntry>
          ))}
        </ol>
      )}
      <OlderButton pages={pages}>Show older events</OlderButton>
    </Stack>
  );
}
