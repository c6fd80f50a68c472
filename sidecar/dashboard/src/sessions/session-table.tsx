import { Table, VisuallyHidden } from "@mantine/core";
import type { SessionSummary } from "../../../src/dashboard/contract/sessions.ts";
import { TableHead } from "../parts/table-head.tsx";
import { SessionRow } from "./session-row.tsx";
import classes from "./session-table.module.css";
import type { Selection } from "./use-selection.ts";

/** A small screen shows only two columns; the first one also has the content of the others. */
export function SessionTable({ sessions, selection }: { sessions: SessionSummary[]; selection?: Selection }) {
  return (
    <Table className={classes.table}>
      <Table.Caption className={classes.caption}>
        <VisuallyHidden>Sessions, newest login first</VisuallyHidden>
      </Table.Caption>
      <TableHead
        names={["User", "State"]}
        wide={{ names: ["Device", "Address", "Logged in", "Tags"], className: classes.wide }}
      />
      <Table.Tbody>
        {sessions.map((session) => (
          <SessionRow key={session.sessionId} session={session} selection={selection} />
        ))}
      </Table.Tbody>
    </Table>
  );
}
