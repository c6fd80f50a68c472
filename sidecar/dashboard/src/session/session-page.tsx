import { Group } from "@mantine/core";
import { useParams } from "react-router";
import { useAnswer } from "../api/use-answer.ts";
import { EndManyButton } from "../ending/end-many-button.tsx";
import { EndOneButton } from "../ending/end-one-button.tsx";
import { AnswerView } from "../parts/answer-view.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { EndBadge } from "../sessions/end-badge.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { FlagBadges } from "../sessions/flag-badges.tsx";
import { Timeline } from "../timeline/timeline.tsx";
import { PolicyInForce } from "./policy-in-force.tsx";
import { SessionFacts } from "./session-facts.tsx";
import classes from "./session-page.module.css";
import { Verdict } from "./verdict.tsx";

const REFRESH_MS = 5_000;

/** Why a session ended, or its state, and all its details. */
export default function SessionPage() {
  const { sessionId = "" } = useParams();
  const answer = useAnswer("sessions/detail", { sessionId }, { everyMs: REFRESH_MS });
  return (
    <AnswerView answer={answer}>
      {(session) => (
        <>
          <PageHeader
            title={session.userId}
            description={
              <Group gap="xs">
                <EndBadge endReason={session.endReason} isSuspicious={session.flags.length > 0} />
                <FlagBadges flags={session.flags} />
                <TextLink to={sessionsPath({ userId: session.userId })}>All sessions of this user</TextLink>
                <TextLink to={`/user?id=${encodeURIComponent(session.userId)}`}>All activity of this user</TextLink>
              </Group>
            }
          >
            {session.endedAt === null && <EndOneButton sessionId={sessionId} userId={session.userId} />}
            <EndManyButton target={{ userId: session.userId }} />
          </PageHeader>
          <Verdict session={session} />
          <div className={classes.columns}>
            <Section title="Timeline">
              <Timeline of={{ sessionId }} />
            </Section>
            <div className={classes.aside}>
              <SessionFacts session={session} />
              <PolicyInForce session={session} />
            </div>
          </div>
        </>
      )}
    </AnswerView>
  );
}
