import { Button, Group, Text } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import type { IncidentPage as Incident, IncidentSession } from "../../../src/dashboard/contract/incidents.ts";
import { useMay } from "../access/use-access.ts";
import type { SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { describeFilter } from "../sessions/active-filters.tsx";
import { incidentPath, readFilter, sessionsPath } from "../sessions/filters.ts";
import { EndSelected } from "./end-selected.tsx";
import classes from "./incident.module.css";
import { IncidentEntry } from "./incident-entry.tsx";
import { useSelection } from "./selection.ts";

/** All sessions that an address, a browser or a device touched, or of any other filter, and who is who in them. */
export default function IncidentPage() {
  const [query] = useSearchParams();
  const filter = readFilter(query);
  const cursor = query.get("cursor") ?? undefined;
  const answer = useAnswer("incidents/sessions", { ...filter, ...(cursor !== undefined && { cursor }) });
  return (
    <AnswerView answer={answer}>
      {(incident) => <Sessions key={query.toString()} filter={filter} incident={incident} />}
    </AnswerView>
  );
}

function Sessions({ filter, incident }: { filter: SessionFilter; incident: Incident }) {
  const may = useMay();
  const { items, next } = incident;
  const selection = useSelection(items);
  const about = describeFilter(filter)
    .map(({ text }) => text)
    .join(", ");
  const isForEditors = may("incidents/end");
  return (
    <>
      <PageHeader
        title="Incident"
        description={
          <>
            {about === "" ? "All sessions" : about}.{" "}
            <TextLink to={sessionsPath(filter)}>The same sessions as a list</TextLink>
          </>
        }
      >
        {isForEditors && <EndSelected sessionIds={selection.ids} about={about === "" ? "all sessions" : about} />}
      </PageHeader>
      {items.length === 0 ? (
        <EmptyState title="No sessions">Nothing has touched a session that is still kept.</EmptyState>
      ) : (
        <>
          <Text size="sm" mb="sm">
            {summaryOf(items, next !== null)}
          </Text>
          <ul className={classes.sessions} aria-label="Sessions of the incident">
            {items.map((session) => (
              <IncidentEntry
                key={session.sessionId}
                session={session}
                isSelected={selection.ids.includes(session.sessionId)}
                onSelect={isForEditors ? (is) => selection.set(session.sessionId, is) : undefined}
              />
            ))}
          </ul>
          {next !== null && (
            <Group justify="flex-end" mt="sm">
              <Button component={Link} to={incidentPath({ ...filter, cursor: next })} variant="default" size="xs">
                Older sessions
              </Button>
            </Group>
          )}
        </>
      )}
    </>
  );
}

/** "3 sessions of 2 users, 2 of them active." */
function summaryOf(sessions: readonly IncidentSession[], hasMore: boolean): string {
  const users = new Set(sessions.map(({ userId }) => userId)).size;
  const active = sessions.filter(({ endedAt }) => endedAt === null).length;
  return `${countOf(sessions.length, "session", hasMore)} of ${countOf(users, "user", hasMore)}, ${active} of them active.`;
}
