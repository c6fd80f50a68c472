import { Text } from "@mantine/core";
import { Navigate, useSearchParams } from "react-router";
import type { SearchHit } from "../../../src/dashboard/contract/search.ts";
import { useAnswer } from "../api/use-answer.ts";
import { visibleText } from "../format/visible.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { ArrowKeys } from "../parts/arrow-keys.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { sessionsPath } from "../sessions/filters.ts";
import { clearHit, hitPath, KIND_NAMES } from "./hits.ts";
import classes from "./search.module.css";

/** Goes to what a text means, or lists everything that it may mean. */
export default function FindPage() {
  const [query] = useSearchParams();
  const text = query.get("q")?.trim() ?? "";
  const answer = useAnswer("search/find", { text }, { enabled: text !== "" });
  if (text === "")
    return <EmptyState title="Nothing to find">Type what you are looking for in the search box above.</EmptyState>;
  return <AnswerView answer={answer}>{({ hits }) => <Found text={text} hits={hits} />}</AnswerView>;
}

function Found({ text, hits }: { text: string; hits: SearchHit[] }) {
  const only = clearHit(hits);
  if (only) return <Navigate to={hitPath(only)} replace />;
  return (
    <>
      <PageHeader title={`Search for ${text}`} />
      {hits.length === 0 ? (
        <EmptyState title="Nothing found">
          No session has this id, address, tag or device key, and no user id begins like this. Ended sessions are
          deleted after the retention time; the{" "}
          <TextLink to={`/user?id=${encodeURIComponent(text)}`}>activity of {text}</TextLink> may be kept longer.
        </EmptyState>
      ) : (
        <ArrowKeys>
          <ul className={classes.list} aria-label="What was found">
            {hits.map((hit) => (
              <li key={`${hit.kind} ${hit.text}`} className={classes.entry}>
                <TextLink to={hitPath(hit)}>{visibleText(hit.text)}</TextLink>
                <Text span size="xs" c="dimmed">
                  {KIND_NAMES[hit.kind]}
                  {"userId" in hit && ` of ${visibleText(hit.userId)}`}
                </Text>
              </li>
            ))}
          </ul>
          <Text size="sm" c="dimmed" mt="md">
            Only the user with exactly this id:{" "}
            <TextLink to={sessionsPath({ userId: text })}>sessions of {text}</TextLink>
          </Text>
        </ArrowKeys>
      )}
    </>
  );
}
