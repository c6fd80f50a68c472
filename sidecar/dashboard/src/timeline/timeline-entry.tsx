import { Text } from "@mantine/core";
import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { sentenceOf } from "../../../src/dashboard/sentences/sentence.ts";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { weightOf } from "./event-weight.ts";
import classes from "./timeline.module.css";

interface TimelineEntryProps {
  event: TimelineEvent;
  linksToSession: boolean;
}

export function TimelineEntry({ event, linksToSession }: TimelineEntryProps) {
  const { time, sessionId } = event;
  return (
    <li className={classes.entry} data-weight={weightOf(event.event)}>
      <Text size="xs" c="dimmed" className={classes.time}>
        <Timestamp time={time} />
      </Text>
      <div className={classes.body}>
        <Text size="sm">{sentenceOf(event)}</Text>
        {linksToSession && sessionId !== null && (
          <Text size="xs">
            <TextLink to={`/sessions/${sessionId}`}>This session</TextLink>
          </Text>
        )}
      </div>
    </li>
  );
}
