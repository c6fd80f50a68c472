import { Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { post } from "../api/call.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { PageLoader } from "../parts/page-loader.tsx";
import { SettingsTable } from "./settings-table.tsx";

const PAUSE_MS = 300;

/** What would apply to a session with some tags, under the policy in force or the unsaved changes. */
export function ExplainPanel({ draftText }: { draftText: string | undefined }) {
  const [query, setQuery] = useSearchParams();
  const typed = query.get("tags") ?? "";
  const [settled] = useDebouncedValue(typed, PAUSE_MS);
  const tags = settled.split(/\s+/).filter(Boolean);
  const answer = useQuery({
    queryKey: ["policies/explain", tags, draftText],
    queryFn: ({ signal }) =>
      post("policies/explain", { tags, ...(draftText !== undefined && { text: draftText }) }, signal),
  });
  return (
    <Stack gap="sm">
      <TextInput
        label="Tags of the session"
        description={
          draftText === undefined
            ? "Separate tags with spaces. Without tags, the defaults apply."
            : "Separate tags with spaces. Your unsaved changes are included."
        }
        placeholder="org:acme type:admin"
        value={typed}
        onChange={({ currentTarget }) =>
          setQuery(currentTarget.value ? { tags: currentTarget.value } : {}, { replace: true })
        }
        spellCheck={false}
        autoComplete="off"
        maw="32rem"
      />
      {settled === typed ? (
        <AnswerView answer={answer}>{({ settings }) => <SettingsTable settings={settings} />}</AnswerView>
      ) : (
        <PageLoader />
      )}
    </Stack>
  );
}
