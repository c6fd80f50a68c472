import { Group, Text } from "@mantine/core";
import type { PolicyChange } from "../../../src/dashboard/contract/policies.ts";
import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { addressOf, logSentence } from "../../../src/dashboard/sentences/log-sentence.ts";
import { visibleText } from "../format/visible.ts";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { UserName } from "../parts/user-name.tsx";
import { ChangeTable } from "../policies/change-table.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { actorName } from "./actor-name.ts";
import classes from "./log.module.css";

export function LogEntry({ event }: { event: TimelineEvent }) {
  const { time, actor, details, sessionId, userId } = event;
  const ipAddress = addressOf(event);
  const sentence = visibleText(logSentence(event));
  return (
    <li className={classes.entry}>
      <Text size="xs" c="dimmed">
        <Timestamp time={time} />
      </Text>
      <Text size="sm" fw={550}>
        {actorName(actor)}
      </Text>
      <div>
        <Text size="sm">{sentence}</Text>
        {(sessionId !== null || userId !== null) && (
          <Group gap="xs" fz="xs">
            {sessionId !== null && <TextLink to={`/sessions/${sessionId}`}>This session</TextLink>}
            {userId !== null && (
              <TextLink to={sessionsPath({ userId })}>
                Sessions of <UserName id={userId} />
              </TextLink>
            )}
          </Group>
        )}
        {ipAddress !== null && !sentence.includes(ipAddress) && (
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
  const { before, after, changes } = details;
  const hasSides = before !== undefined || after !== undefined;
  const edited = Array.isArray(changes) ? changes.filter(isChange) : [];
  return (
    <details className={classes.details}>
      <summary>{hasSides || edited.length > 0 ? "Before and after" : "Details"}</summary>
      {edited.length > 0 ? (
        <ChangeTable changes={edited} />
      ) : hasSides ? (
        <div className={classes.sides}>
          <Side title="Before" value={before} />
          <Side title="After" value={after} />
        </div>
      ) : (
        <pre>{JSON.stringify(details, null, 2)}</pre>
      )}
    </details>
  );
}

/** The changes of a policy edit. A very large edit is logged without values: the revision has them. */
function isChange(value: unknown): value is PolicyChange {
  return typeof value === "object" && value !== null && "layer" in value && "setting" in value && "after" in value;
}

function Side({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <strong>{title}</strong>
      <pre>{value === undefined || value === null ? "Nothing" : JSON.stringify(value, null, 2)}</pre>
    </div>
  );
}
