import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { SessionDetail, TimelineEvent } from "../../../src/dashboard/contract/sessions.ts";
import { sentenceOf } from "../../../src/dashboard/sentences/sentence.ts";
import { Timestamp } from "../parts/timestamp.tsx";
import { END_WORDING } from "../sessions/end-reasons.ts";
import { FLAG_WORDING } from "../sessions/flag-badges.tsx";
import { useTimeline } from "../timeline/use-timeline.ts";

/** The answer to "why was I logged out?", at the top of the page. */
export function Verdict({ session }: { session: SessionDetail }) {
  const { data } = useTimeline({ sessionId: session.sessionId });
  if (session.endReason === null || session.endedAt === null) return <StillActive session={session} />;
  const end: TimelineEvent | undefined = data?.items.find(({ event }) => event === "SessionEnded");
  return (
    <Alert
      color={END_WORDING[session.endReason].color}
      variant="light"
      icon={<IconCircleX aria-hidden />}
      title={END_WORDING[session.endReason].sentence}
    >
      <Text size="sm">
        Ended <Timestamp time={session.endedAt} /> (<Timestamp time={session.endedAt} isRelative />
        ).
      </Text>
      {end && <Text size="sm">{sentenceOf(end)}</Text>}
    </Alert>
  );
}

function StillActive({ session }: { session: SessionDetail }) {
  const isSuspicious = session.flags.length > 0;
  return (
    <Alert
      color={isSuspicious ? "orange" : "teal"}
      variant="light"
      icon={isSuspicious ? <IconAlertTriangle aria-hidden /> : <IconCircleCheck aria-hidden />}
      title={isSuspicious ? "This session is active, and suspicious." : "This session is active."}
    >
      {session.flags.map((flag) => (
        <Text key={flag} size="sm" fw={600}>
          {FLAG_WORDING[flag].sentence}
        </Text>
      ))}
      <Text size="sm">
        Last used <Timestamp time={session.lastActivityAt} isRelative />. It ends <Timestamp time={session.expiresAt} />{" "}
        at the latest.
      </Text>
    </Alert>
  );
}
