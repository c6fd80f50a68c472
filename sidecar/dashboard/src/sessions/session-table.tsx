import { Table, VisuallyHidden } from "@mantine/core";
import type { SessionSummary } from "../../../src/dashboard/contract/sessions.ts";
import { SessionRow } from "./session-row.tsx";
import classes from "./session-table.module.css";

/** On a small screen only the first two columns stay, and the first one says what the others would have. */
export function SessionTable({ sessions }: { sessions: SessionSummary[] }) {
  return (
    <Table className={classes.table} highlightOnHover>
      <Table.Caption className={classes.caption}>
        <VisuallyHidden>Sessions, the newest log-in first</VisuallyHidden>
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
