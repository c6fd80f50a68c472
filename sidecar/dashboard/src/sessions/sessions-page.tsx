import { Group, Paper, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { hrefOf } from "../api/call.ts";
import type { SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useLive } from "../api/use-live.ts";
import { EndManyButton } from "../ending/end-many-button.tsx";
import { RunningEnds } from "../ending/running-ends.tsx";
import { AnswerView } from "../parts/answer-view.tsx";
import { ArrowKeys } from "../parts/arrow-keys.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ExportLinks } from "../parts/export-links.tsx";
import { LiveMark } from "../parts/live-mark.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { UserName } from "../parts/user-name.tsx";
import { ActiveFilters } from "./active-filters.tsx";
import { FilterForm } from "./filter-form.tsx";
import { incidentPath, readFilter, readListInput, sessionsPath } from "./filters.ts";
import { PageLinks } from "./page-links.tsx";
import { SessionCount } from "./session-count.tsx";
import { SessionList } from "./session-list.tsx";
import { ViewsMenu } from "./views-menu.tsx";

const CALLS = ["sessions/list", "sessions/count"];

/** `first` is shown above all sessions, without a filter. */
export default function SessionsPage({ first }: { first: ReactNode }) {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const filter = readFilter(query);
  const cursor = query.get("cursor") ?? undefined;
  const live = useLive(filter.userId === undefined ? {} : { userId: filter.userId }, CALLS);
  const sessions = useAnswer("sessions/list", readListInput(query), { everyMs: live.everyMs });
  const address = sessionsPath(filter);
  const { userId } = filter;
  const isFiltered = Object.keys(filter).length > 0;
  const isFirstPage = !isFiltered && cursor === undefined;
  // Never while other rows are on the screen.
  const canEnd = sessions.data !== undefined && mayMatchActive(filter);
  const isWhole = cursor === undefined && sessions.data?.next === null;

  return (
    <>
      <PageHeader
        title="Sessions"
        description={
          userId === undefined ? (
            "Active and ended. Open one to see why it ended and what happened before."
          ) : (
            <TextLink to={`/user?id=${encodeURIComponent(userId)}`}>
              All activity of <UserName id={userId} />
            </TextLink>
          )
        }
      >
        {canEnd && <EndManyButton target={filter} />}
        <ViewsMenu filter={filter} />
        <ExportLinks hrefAs={(format) => hrefOf("sessions/export", { ...filter, format })} />
      </PageHeader>
      <Stack gap="sm">
        {isFirstPage && first}
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
          {isFiltered && (
            <Text size="xs">
              <TextLink to={incidentPath(filter)}>Who is who</TextLink>
            </Text>
          )}
          <Group gap="xs" ml="auto">
            <LiveMark {...live} of={sessions} />
            <SessionCount filter={filter} all={isWhole ? sessions.data?.items.length : undefined} />
          </Group>
        </Group>
        <RunningEnds />
        <AnswerView answer={sessions}>
          {({ items, next }) => (
            <>
              {items.length > 0 ? (
                <ArrowKeys>
                  <SessionList key={`${address} ${cursor}`} sessions={items} />
                </ArrowKeys>
              ) : (
                <EmptyState title="No sessions">
                  {isFiltered
                    ? "No session matches the filter. The retention settings say how long ended sessions are kept."
                    : "They appear here as soon as someone logs in to your app."}
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

/** Whether a filter asks for active sessions. Without any filter nobody should end everything by a slip. */
function mayMatchActive({ state, ...filter }: SessionFilter): boolean {
  const asksEnded = filter.endReason !== undefined || filter.endedFrom !== undefined || filter.endedTo !== undefined;
  return state !== "ended" && !asksEnded && (state === "active" || Object.keys(filter).length > 0);
}
