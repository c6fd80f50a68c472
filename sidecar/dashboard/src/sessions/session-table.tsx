import { Table, VisuallyHidden } from "@mantine/core";
import type { SessionSummary } from "../../../src/dashboard/contract/sessions.ts";
import { SessionRow } from "./session-row.tsx";
import classes from "./session-table.module.css";

/** A small screen shows only two columns; the first one also has the content of the others. */
export function SessionTable({ sessions }: { sessions: SessionSummary[] }) {
  return (
    <Table className={classes.table} highlightOnHover>
      <Table.Caption className={classes.caption}>
        <VisuallyHidden>Sessions, the newest login first</VisuallyHidden>
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>User</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th className={classes.wide}>Device</Table.Th>
          <Table.Th className={classes.wide}>Address</Table.Th>
          <Table.Th className={classes.wide}>Logged in</Table.Th>
          <Table.Th className={classes.wide}>Tags</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sessions.map((session) => (
          <SessionRow key={session.sessionId} session={session} />
        ))}
      </Table.Tbody>
    </Table>
  );
}
