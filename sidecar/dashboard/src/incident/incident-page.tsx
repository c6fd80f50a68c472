import { Button, Group, Text } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { MAX_INCIDENT_CHARS } from "../../../src/dashboard/contract/bulk-ends.ts";
import type { IncidentPage as Incident, IncidentSession } from "../../../src/dashboard/contract/incidents.ts";
import { useMay } from "../access/use-access.ts";
import type { SessionFilter } from "../api/calls.ts";
import { useAnswer } from "../api/use-answer.ts";
import { EndSelectedButton } from "../ending/end-many-button.tsx";
import { RunningEnds } from "../ending/running-ends.tsx";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { describeFilter } from "../sessions/active-filters.tsx";
import { incidentPath, readFilter, readListInput, sessionsPath } from "../sessions/filters.ts";
import classes from "./incident.module.css";
import { IncidentEntry } from "./incident-entry.tsx";
import { useSelection } from "./selection.ts";

/** All sessions that an address, a browser or a device touched, or of any other filter, and who is who in them. */
export default function IncidentPage() {
  const [query] = useSearchParams();
  const filter = readFilter(query);
  const answer = useAnswer("incidents/sessions", readListInput(query));
  return (
    <AnswerView answer={answer} title="Incident">
      {(incident) => <Sessions key={query.toString()} filter={filter} incident={incident} />}
    </AnswerView>
  );
}

function Sessions({ filter, incident }: { filter: SessionFilter; incident: Incident }) {
  const may = useMay();
  const { items, next } = incident;
  const selection = useSelection(items);
  const parts = describeFilter(filter).map(({ text }) => text);
  const about = parts.length === 0 ? "All sessions" : parts.join(", ");
  const isForEditors = may("sessions/end-many");
  return (
    <>
      <PageHeader
        title="Incident"
        description={
          <>
            {about}. <TextLink to={sessionsPath(filter)}>The same sessions as a list</TextLink>
          </>
        }
      >
        <EndSelectedButton sessionIds={selection.ids} incident={about.slice(0, MAX_INCIDENT_CHARS).toWellFormed()} />
      </PageHeader>
      <RunningEnds />
      {items.length === 0 ? (
        <EmptyState title="No sessions">No session that is still stored matches.</EmptyState>
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

/** "3 sessions of 2 users, 2 of them active." With more pages it says that these are only some of them. */
function summaryOf(sessions: readonly IncidentSession[], isPart: boolean): string {
  const users = new Set(sessions.map(({ userId }) => userId)).size;
  const active = sessions.filter(({ endedAt }) => endedAt === null).length;
  const found = `${countOf(sessions.length, "session")} of ${countOf(users, "user")}, ${active} of them active.`;
  return isPart ? `On this page: ${found}` : found;
}
