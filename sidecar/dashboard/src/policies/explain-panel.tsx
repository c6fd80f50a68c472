import { Badge, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import type { ExplainedPolicySetting } from "../../../src/dashboard/contract/policies.ts";
import { call } from "../api/call.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { nameOfSetting } from "./catalogue.ts";
import { showSetting } from "./show-setting.ts";
import { sourceOf } from "./source.ts";

const PAUSE_MS = 300;
const ORIGINS: Readonly<Record<ExplainedPolicySetting["origin"], string>> = {
  "built-in": "Built in",
  file: "File",
  dashboard: "Edited here",
};

/** What would hold for a session with some tags, by what is in force or by the edit under way. */
export function ExplainPanel({ draftText }: { draftText: string | undefined }) {
  const [query, setQuery] = useSearchParams();
  const typed = query.get("tags") ?? "";
  const [settled] = useDebouncedValue(typed, PAUSE_MS);
  const tags = settled.split(/\s+/).filter(Boolean);
  const answer = useQuery({
    queryKey: ["policies/explain", tags, draftText],
    queryFn: ({ signal }) =>
      call("policies/explain", { tags, ...(draftText !== undefined && { text: draftText }) }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="sm">
      <TextInput
        label="Tags of the session"
        description={
          draftText === undefined
            ? "With spaces between them. Without any, the defaults hold."
            : "With spaces between them. Your changes that are not saved yet are counted in."
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
      <AnswerView answer={answer}>
        {({ settings }) => (
          <Table maw="60rem">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Setting</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>From</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {settings.map(({ setting, value, source, origin }) => (
                <Table.Tr key={setting}>
                  <Table.Td>{nameOfSetting(setting)}</Table.Td>
                  <Table.Td>{showSetting(setting, value)}</Table.Td>
                  <Table.Td>
                    <Text size="sm" component="div">
                      {sourceOf(source)}{" "}
                      {origin !== "built-in" && (
                        <Badge
                          size="sm"
                          variant="light"
                          color={origin === "dashboard" ? "indigo" : "gray"}
                          tt="none"
                          radius="sm"
                        >
                          {ORIGINS[origin]}
                        </Badge>
                      )}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </AnswerView>
    </Stack>
  );
}
