import { Text } from "@mantine/core";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { ArrowKeys } from "../parts/arrow-keys.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { attentionWords } from "./attention-words.ts";
import classes from "./incident.module.css";

const REFRESH_MS = 30_000;

/** What a person should look at first. Nothing is shown as that, too. */
export function NeedsAttention() {
  const answer = useAnswer("incidents/attention", {}, { everyMs: REFRESH_MS });
  return (
    <Section title="Needs attention">
      <AnswerView answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              Nothing unusual: no spike in the last hour, no shared session and no reused token in the last day.
            </Text>
          ) : (
            <ArrowKeys>
              <ul className={classes.attention}>
                {items.map((item) => {
                  const { link, text, path } = attentionWords(item);
                  return (
                    <li key={path} className={classes.item}>
                      <TextLink to={path}>{link}</TextLink>
                      <Text span size="sm" c="dimmed">
                        {text}
                      </Text>
                    </li>
                  );
                })}
              </ul>
            </ArrowKeys>
          )
        }
      </AnswerView>
    </Section>
  );
}
