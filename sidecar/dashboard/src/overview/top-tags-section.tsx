import { Progress, Text } from "@mantine/core";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import classes from "./overview.module.css";

const REFRESH_MS = 60_000;

export function TopTagsSection() {
  const answer = useAnswer("overview/top-tags", {}, { everyMs: REFRESH_MS });
  return (
    <Section title="Top tags">
      <AnswerView answer={answer}>
        {({ tags, ofSessions }) =>
          tags.length === 0 ? (
            <EmptyState title="No tags">No active session has a tag.</EmptyState>
          ) : (
            <>
              <Text size="xs" c="dimmed" mb={4}>
                Of the newest {countOf(ofSessions, "active session")}.
              </Text>
              <ul className={classes.states}>
                {tags.map(({ tag, sessions }) => (
                  <li key={tag} className={classes.state}>
                    <TextLink to={sessionsPath({ tag: [tag], state: "active" })}>{tag}</TextLink>
                    <Text size="xs" c="dimmed" ml="auto">
                      {countOf(sessions, "session")}
                    </Text>
                    <Progress value={(100 * sessions) / Math.max(1, ofSessions)} size="xs" w="100%" aria-hidden />
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </AnswerView>
    </Section>
  );
}
