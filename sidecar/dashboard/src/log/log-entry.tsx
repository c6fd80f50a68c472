import { Text } from "@mantine/core";
import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { sentenceOf } from "../../../src/dashboard/sentences/sentence.ts";
import { Timestamp } from "../parts/timestamp.tsx";
import { actorName } from "./actor-name.ts";
import classes from "./log.module.css";

export function LogEntry({ event }: { event: TimelineEvent }) {
  const { time, actor, details, ipAddress } = event;
  return (
    <li className={classes.entry}>
      <Text size="xs" c="dimmed">
        <Timestamp time={time} />
      </Text>
      <Text size="sm" fw={550}>
        {actorName(actor)}
      </Text>
      <div>
        <Text size="sm">{sentenceOf(event)}</Text>
        {ipAddress !== null && (
          <Text size="xs" c="dimmed">
            from {ipAddress}
          </Text>
        )}
        {details !== null && <Details details={details} />}
      </div>
    </li>
  );
}

function Details({ details }: { details: Record<string, unknown> }) {
  const { before, after, ...others } = details;
  const hasSides = before !== undefined || after !== undefined;
  return (
    <details className={classes.details}>
      <summary>{hasSides ? "Before and after" : "Details"}</summary>
      {hasSides ? (
        <div className={classes.sides}>
          <Side title="Before" value={before} />
          <Side title="After" value={after} />
        </div>
      ) : (
        <pre>{JSON.stringify(others, null, 2)}</pre>
      )}
    </details>
  );
}

function Side({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <strong>{title}</strong>
      <pre>{value === undefined || value === null ? "Nothing" : JSON.stringify(value, null, 2)}</pre>
    </div>
  );
}
