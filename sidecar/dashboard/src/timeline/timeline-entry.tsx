import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { sentenceOf } from "../../../src/dashboard/sentences/sentence.ts";
import { visibleText } from "../format/visible.ts";
import { Timestamp } from "../parts/timestamp.tsx";
import { weightOf } from "./event-weight.ts";
import classes from "./timeline.module.css";

interface TimelineEntryProps {
  event: TimelineEvent;
  /** What stands below the sentence. */
  children?: ReactNode;
}

export function TimelineEntry({ event, children }: TimelineEntryProps) {
  return (
    <li className={classes.entry} data-weight={weightOf(event.event)}>
      <Text size="xs" c="dimmed" className={classes.time}>
        <Timestamp time={event.time} />
      </Text>
      <div className={classes.body}>
        <Text size="sm">{visibleText(sentenceOf(event))}</Text>
        {children}
      </div>
    </li>
  );
}
