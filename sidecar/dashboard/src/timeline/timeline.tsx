import { Checkbox, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { whyMissing } from "../api/away.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorState } from "../parts/error-state.tsx";
import { LiveMark } from "../parts/live-mark.tsx";
import { OlderButton } from "../parts/older-button.tsx";
import { PageLoader } from "../parts/page-loader.tsx";
import classes from "./timeline.module.css";
import { TimelineEntry } from "./timeline-entry.tsx";
import { TIMELINE_REFRESH_MS, type TimelineSubject, useTimeline } from "./use-timeline.ts";

interface TimelineProps {
  of: TimelineSubject;
  /** Whether entries link to their session. */
  linksToSessions?: boolean;
}

/** What happened, newest first, in plain sentences. */
export function Timeline({ of, linksToSessions = false }: TimelineProps) {
  const [hasRoutine, setHasRoutine] = useState(false);
  const pages = useTimeline(of, hasRoutine);
  const missing = whyMissing(pages);
  if (missing !== null) return <ErrorState error={missing} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <PageLoader />;

  const shown = pages.data.items;
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        {pages.data.count === 1 && <LiveMark everyMs={TIMELINE_REFRESH_MS} of={pages} />}
        <Checkbox
          size="xs"
          label="Show routine token rotations"
          checked={hasRoutine}
          onChange={(event) => setHasRoutine(event.currentTarget.checked)}
        />
      </Group>
      {shown.length === 0 ? (
        <EmptyState title="No events">The retention settings say how long events are kept.</EmptyState>
      ) : (
        <ol className={classes.list} aria-label="Timeline, newest first">
          {shown.map((event) => (
            <TimelineEntry key={event.id} event={event} linksToSession={linksToSessions} />
          ))}
        </ol>
      )}
      <OlderButton pages={pages}>Show older events</OlderButton>
    </Stack>
  );
}
