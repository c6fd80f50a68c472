import { Group, Paper, Stack } from "@mantine/core";
import { useNavigate, useSearchParams } from "react-router";
import { hrefOf } from "../api/call.ts";
import type { InputOf, ManySessions, SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useLive } from "../api/use-live.ts";
import { EndManyButton } from "../ending/end-many-button.tsx";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ExportLinks } from "../parts/export-links.tsx";
import { LiveMark } from "../parts/live-mark.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { ActiveFilters } from "./active-filters.tsx";
import { FilterForm } from "./filter-form.tsx";
import { readFilter, sessionsPath } from "./filters.ts";
import { PageLinks } from "./page-links.tsx";
import { SessionCount } from "./session-count.tsx";
import { SessionTable } from "./session-table.tsx";

const CALLS = ["sessions/list", "sessions/count"];

export default function SessionsPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const filter = readFilter(query);
  const cursor = query.get("cursor") ?? undefined;
  const input: InputOf<"sessions/list"> = { ...filter, ...(cursor !== undefined && { cursor }) };
  const live = useLive(filter.userId === undefined ? {} : { userId: filter.userId }, CALLS);
  const sessions = useAnswer("sessions/list", input, { everyMs: live.everyMs });
  const address = sessionsPath(filter);
  const { userId } = filter;
  // Never while other rows are on the screen, and never for more sessions than those that are listed.
  const target = sessions.data && wholeTarget(filter);
  const isWhole = cursor === undefined && sessions.data?.next === null;

  return (
    <>
      <PageHeader
        title="Sessions"
        description={
          userId === undefined ? (
            "Active and ended. Open one to see why it ended and what happened before."
          ) : (
            <TextLink to={`/user?id=${encodeURIComponent(userId)}`}>All activity of {userId}</TextLink>
          )
        }
      >
        {target && <EndManyButton target={target} />}
        <ExportLinks hrefAs={(format) => hrefOf("sessions/export", { ...filter, format })} />
      </PageHeader>
      <Stack gap="sm">
        <Paper withBorder p="sm" bg="var(--surface)">
          <FilterForm
            key={address}
            filter={filter}
            error={sessions.error}
            onChange={(changed) => navigate(sessionsPath(changed))}
          />
        </Paper>
        <Group justify="space-between" gap="xs">
          <ActiveFilters filter={filter} />
          <Group gap="xs" ml="auto">
            <LiveMark {...live} of={sessions} />
            <SessionCount filter={filter} all={isWhole ? sessions.data?.items.length : undefined} />
          </Group>
        </Group>
        <AnswerView answer={sessions}>
          {({ items, next }) => (
            <>
              {items.length > 0 ? (
                <SessionTable sessions={items} />
              ) : (
                <EmptyState title="No sessions">
                  {Object.keys(filter).length === 0
                    ? "They appear here as soon as someone logs in to your app."
                    : "No session matches the filter. The retention settings say how long ended sessions are kept."}
                </EmptyState>
              )}
              <PageLinks filter={filter} isFirst={cursor === undefined} next={next} />
            </>
          )}
        </AnswerView>
      </Stack>
    </>
  );
}

/** The user or the tag, if the list has all active sessions of it: "end all" must not end what a filter hides. */
function wholeTarget({ state, userId, tag = [], ...narrower }: SessionFilter): ManySessions | undefined {
  if (state === "ended" || Object.keys(narrower).length > 0) return undefined;
  if (userId !== undefined) return tag.length === 0 ? { userId } : undefined;
  return tag.length === 1 ? { tag: tag[0] } : undefined;
}
