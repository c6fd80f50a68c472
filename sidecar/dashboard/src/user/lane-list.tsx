import { Group, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Lanes } from "../../../src/dashboard/contract/app-users.ts";
import type { SessionSummary, TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { countOf } from "../format/count.ts";
import { chartTime, localTime } from "../format/time.ts";
import { EndBadge } from "../sessions/end-badge.tsx";
import { FlagBadges } from "../sessions/flag-badges.tsx";
import { LaneTrack } from "./lane-track.tsx";
import classes from "./lanes.module.css";

interface LaneListProps {
  lanes: Lanes;
  from: number;
  to: number;
}

/** One line a session, with its events as marks, and one for what happened without a session. */
export function LaneList({ lanes: { sessions, events }, from, to }: LaneListProps) {
  const shown = new Set(sessions.map(({ sessionId }) => sessionId));
  const without = events.filter(({ sessionId }) => sessionId === null || !shown.has(sessionId));
  return (
    <ul className={classes.lanes} aria-label="Sessions over time">
      {sessions.map((session) => (
        <Lane
          key={session.sessionId}
          session={session}
          events={events.filter(({ sessionId }) => sessionId === session.sessionId)}
          from={from}
          to={to}
        />
      ))}
      {without.length > 0 && (
        <li className={classes.lane}>
          <Text size="xs">Not in a session shown here</Text>
          <LaneTrack events={without} from={from} to={to} label={countOf(without.length, "event")} />
        </li>
      )}
      <li className={classes.axis} aria-hidden>
        {[from, (from + to) / 2, to].map((time) => (
          <span key={time}>{chartTime(new Date(time * 1000), (to - from) / 24)}</span>
        ))}
      </li>
    </ul>
  );
}

interface LaneProps {
  session: SessionSummary;
  events: TimelineEvent[];
  from: number;
  to: number;
}

function Lane({ session, events, from, to }: LaneProps) {
  const { sessionId, device, createdAt, endedAt, endReason, flags } = session;
  const until = endedAt === null ? "still active" : `ended ${localTime(new Date(endedAt * 1000))}`;
  const label = `Logged in ${localTime(new Date(createdAt * 1000))}, ${until}; ${countOf(events.length, "event")}`;
  return (
    <li className={classes.lane}>
      <Group gap="0 0.375rem">
        <Link to={`/sessions/${sessionId}`} className={classes.name}>
          {device.displayName}
        </Link>
        <EndBadge endReason={endReason} isSuspicious={flags.length > 0} />
        <FlagBadges flags={flags} />
      </Group>
      <LaneTrack life={{ from: createdAt, to: endedAt }} events={events} from={from} to={to} label={label} />
    </li>
  );
}
