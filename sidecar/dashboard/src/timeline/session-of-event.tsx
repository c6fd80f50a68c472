import { Text } from "@mantine/core";
import type { TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";

interface SessionOfEventProps {
  event: TimelineEvent;
  /** The session of the page, if it is about one. */
  here: string | undefined;
}

/** Which of a user's sessions an event belongs to. */
export function SessionOfEvent({ event: { sessionId, session }, here }: SessionOfEventProps) {
  if (sessionId === null) return null;
  if (sessionId === here) {
    return (
      <Text size="xs" c="dimmed" fw={600}>
        This session
      </Text>
    );
  }
  return (
    <Text size="xs" c="dimmed">
      <TextLink to={`/sessions/${sessionId}`}>
        Session{session ? ` on ${session.device.displayName}` : ` ${sessionId.slice(0, 8)}`}
      </TextLink>
      {session ? (
        <>
          , logged in <Timestamp time={session.createdAt} />
        </>
      ) : (
        ", deleted since"
      )}
    </Text>
  );
}
