import { Badge, Group, Table } from "@mantine/core";
import type { ReactNode } from "react";
import type { DeviceUse } from "../../../src/dashboard/contract/devices.ts";
import { countOf } from "../format/count.ts";
import { ScrollBox } from "../parts/scroll-box.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import classes from "./devices.module.css";
import { ForgetDeviceButton } from "./forget-device-button.tsx";

interface DeviceUseTableProps {
  label: string;
  /** The names of the two columns that each page fills itself. */
  names: [string, string];
  children: ReactNode;
}

/** Devices that users have used: those of one user, or the users of one device. */
export function DeviceUseTable({ label, names, children }: DeviceUseTableProps) {
  return (
    <ScrollBox label={label} className={classes.table}>
      <Table>
        <TableHead names={[...names, "Sessions", "First seen", "Last seen"]} hasActions />
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </ScrollBox>
  );
}

interface DeviceUseRowProps {
  use: DeviceUse;
  userId: string;
  thumbprint: string;
  /** What the row is about, with the marks beside it. */
  subject: ReactNode;
  /** Below the subject. */
  below?: ReactNode;
  second: ReactNode;
}

export function DeviceUseRow({ use, userId, thumbprint, subject, below, second }: DeviceUseRowProps) {
  const { isRemembered, sessions, active, firstSeenAt, lastSeenAt } = use;
  return (
    <Table.Tr>
      <Table.Td className={classes.subject}>
        <Group gap={6}>
          {subject}
          {isRemembered && <Mark color="indigo">Remembered</Mark>}
          {active > 0 && <Mark color="teal">Bound</Mark>}
        </Group>
        {below}
      </Table.Td>
      <Table.Td>{second}</Table.Td>
      <Table.Td>{sessions === 0 ? "None" : `${countOf(sessions, "session")}, ${active} active`}</Table.Td>
      <Table.Td>
        <Timestamp time={firstSeenAt} isRelative />
      </Table.Td>
      <Table.Td>
        <Timestamp time={lastSeenAt} isRelative />
      </Table.Td>
      <Table.Td>
        <ForgetDeviceButton thumbprint={thumbprint} userId={userId} isRemembered={isRemembered} />
      </Table.Td>
    </Table.Tr>
  );
}

function Mark({ color, children }: { color: string; children: string }) {
  return (
    <Badge variant="light" color={color} tt="none" radius="sm">
      {children}
    </Badge>
  );
}
