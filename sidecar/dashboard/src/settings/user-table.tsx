import { Badge, Group, Table, Text } from "@mantine/core";
import { mayManage, ROLE_NAMES } from "../../../src/dashboard/contract/roles.ts";
import type { DashboardUser, TemporaryPassword } from "../../../src/dashboard/contract/settings.ts";
import { useAccess } from "../access/use-access.ts";
import { TableHead } from "../parts/table-head.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import classes from "./settings.module.css";
import { UserMenu } from "./user-menu.tsx";

interface UserTableProps {
  users: DashboardUser[];
  onNewPassword: (made: TemporaryPassword) => void;
}

export function UserTable({ users, onNewPassword }: UserTableProps) {
  const { me } = useAccess();
  return (
    <Table>
      <TableHead
        names={["User", "Role"]}
        wide={{ names: ["Second factor", "Last login"], className: classes.wide }}
        hasActions
      />
      <Table.Tbody>
        {users.map((user) => (
          <Table.Tr key={user.username}>
            <Table.Td>
              <Group gap={6}>
                {user.username}
                <States user={user} isMe={user.username === me.username} />
              </Group>
            </Table.Td>
            <Table.Td>{ROLE_NAMES[user.role]}</Table.Td>
            <Table.Td className={classes.wide}>{user.hasSecondFactor ? "On" : "Off"}</Table.Td>
            <Table.Td className={classes.wide}>
              {user.lastLoginAt === null ? "Never" : <Timestamp time={user.lastLoginAt} isRelative />}
            </Table.Td>
            <Table.Td ta="right">
              {user.username !== me.username && mayManage(me.role, user.role) && (
                <UserMenu user={user} onNewPassword={onNewPassword} />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function States({ user, isMe }: { user: DashboardUser; isMe: boolean }) {
  return (
    <>
      {isMe && (
        <Text span size="xs" c="dimmed">
          you
        </Text>
      )}
      {user.isDisabled && (
        <Badge variant="light" color="red" tt="none" radius="sm">
          Disabled
        </Badge>
      )}
      {user.isTemporary && (
        <Badge variant="light" color="yellow" tt="none" radius="sm">
          Temporary password
        </Badge>
      )}
    </>
  );
}
