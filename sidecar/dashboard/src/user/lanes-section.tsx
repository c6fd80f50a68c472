import { Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Lanes } from "../../../src/dashboard/contract/app-users.ts";
import { useAnswer } from "../api/use-answer.ts";
import { boundsOf, rangeOf } from "../overview/range.ts";
import { RangeControl } from "../overview/range-control.tsx";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { useNow } from "../parts/use-now.ts";
import { ZoneSwitch } from "../parts/zone-switch.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { LaneList } from "./lane-list.tsx";

interface LanesSectionProps {
  userId: string;
  everyMs: number;
}

/** A user's sessions side by side over time. */
export function LanesSection({ userId, everyMs }: LanesSectionProps) {
  const [range, setRange] = useState(rangeOf(null, "7d"));
  const bounds = boundsOf(range, useNow());
  const lanes = useAnswer(
    "app-users/lanes",
    { userId, ...bounds },
    {
      everyMs,
      // The bounds move with the clock; another range is another picture.
      keepFor: (earlier) => earlier.userId === userId && earlier.to - earlier.from === range.secs,
    },
  );
  return (
    <Section
      title="Sessions over time"
      actions={<RangeControl range={range} onChange={(value) => setRange(rangeOf(value, "7d"))} />}
    >
      <AnswerView answer={lanes}>
        {(data) =>
          data.sessions.length + data.events.length === 0 ? (
            <EmptyState title="No sessions in this time">Choose a longer time to see earlier ones.</EmptyState>
          ) : (
            <Stack gap="xs">
              <LaneList lanes={data} from={bounds.from} to={bounds.to} />
              <Group gap="sm">
                <ZoneSwitch />
                <LeftOut lanes={data} userId={userId} />
              </Group>
            </Stack>
          )
        }
      </AnswerView>
    </Section>
  );
}

/** What the picture does not have. */
function LeftOut({ lanes: { hasMoreSessions, eventsSince }, userId }: { lanes: Lanes; userId: string }) {
  return (
    <>
      {hasMoreSessions && (
        <Text size="xs">
          There are more sessions: <TextLink to={sessionsPath({ userId })}>list them</TextLink>.
        </Text>
      )}
      {eventsSince !== undefined && (
        <Text size="xs">
          Events before <Timestamp time={eventsSince} /> are only in the timeline below.
        </Text>
      )}
    </>
  );
}
