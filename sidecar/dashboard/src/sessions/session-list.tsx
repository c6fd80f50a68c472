import type { SessionSummary } from "../../../src/dashboard/contract/sessions.ts";
import { useMay } from "../access/use-access.ts";
import { SelectionBar } from "./selection-bar.tsx";
import { SessionTable } from "./session-table.tsx";
import { useSelection } from "./use-selection.ts";

/** The rows of a page, of which a person can select the active ones to end them. */
export function SessionList({ sessions }: { sessions: SessionSummary[] }) {
  const may = useMay();
  const active = sessions.flatMap(({ sessionId, endedAt }) => (endedAt === null ? [sessionId] : []));
  const selection = useSelection(active);
  if (!may("sessions/end-many")) return <SessionTable sessions={sessions} />;
  return (
    <>
      <SelectionBar active={active} selection={selection} />
      <SessionTable sessions={sessions} selection={selection} />
    </>
  );
}
