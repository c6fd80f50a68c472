import { Group } from "@mantine/core";
import { useParams } from "react-router";
import { hrefOf } from "../api/call.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useLive } from "../api/use-live.ts";
import { EndManyButton } from "../ending/end-many-button.tsx";
import { EndOneButton } from "../ending/end-one-button.tsx";
import { AnswerView } from "../parts/answer-view.tsx";
import { ExportLinks } from "../parts/export-links.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { EndBadge } from "../sessions/end-badge.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { FlagBadges } from "../sessions/flag-badges.tsx";
import { Timeline } from "../timeline/timeline.tsx";
import { userPath } from "../user/paths.ts";
import { PolicyInForce } from "./policy-in-force.tsx";
import { SessionFacts } from "./session-facts.tsx";
import classes from "./session-page.module.css";
import { Verdict } from "./verdict.tsx";

const CALLS = ["sessions/detail"];

/** Why a session ended, or its state, and all its details. */
export default function SessionPage() {
  const { sessionId = "" } = useParams();
  const live = useLive({ sessionId }, CALLS);
  const answer = useAnswer("sessions/detail", { sessionId }, { everyMs: live.everyMs });
  return (
    <AnswerView answer={answer} title="Session">
      {(session) => (
        <>
          <PageHeader
            title={session.userId}
            description={
              <Group gap="xs">
                <EndBadge endReason={session.endReason} isSuspicious={session.flags.length > 0} />
                <FlagBadges flags={session.flags} />
                <TextLink to={sessionsPath({ userId: session.userId })}>All sessions of this user</TextLink>
                <TextLink to={userPath(session.userId)}>All activity of this user</TextLink>
              </Group>
            }
          >
            <EndOneButton sessionId={sessionId} userId={session.userId} hasEnded={session.endedAt !== null} />
            <EndManyButton target={{ userId: session.userId }} />
          </PageHeader>
          <Verdict session={session} />
          <div className={classes.columns}>
            <Section
              title="Timeline"
              actions={<ExportLinks hrefAs={(format) => hrefOf("timeline/export", { sessionId, format })} />}
            >
              <Timeline userId={session.userId} sessionId={sessionId} live={live} />
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
