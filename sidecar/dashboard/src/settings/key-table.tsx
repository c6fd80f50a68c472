import { Badge, Group, Table, Text } from "@mantine/core";
import type { IntegrationKeyInfo } from "../../../src/dashboard/contract/settings.ts";
import { TableHead } from "../parts/table-head.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { KEY_STATES } from "./key-states.ts";
import { LimitKeyButton } from "./limit-key-button.tsx";
import { RevokeKeyButton } from "./revoke-key-button.tsx";
import classes from "./settings.module.css";

export function KeyTable({ keys, commands }: { keys: IntegrationKeyInfo[]; commands: string[] }) {
  return (
    <Table>
      <TableHead
        names={["Name", "State"]}
        wide={{ names: ["Commands", "Last used", "Expires"], className: classes.wide }}
        hasActions
      />
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={key.id}>
            <Table.Td>
              {key.name}
              {key.isInitial && (
                <Text size="xs" c="dimmed">
                  from the environment
                </Text>
              )}
              {key.devicesIgnoredAt !== null && (
                <Text size="xs" fw={550}>
                  accepted sessions without a device proof, last <Timestamp time={key.devicesIgnoredAt} isRelative />
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={KEY_STATES[key.state].color} tt="none" radius="sm">
                {KEY_STATES[key.state].name}
              </Badge>
            </Table.Td>
            <Table.Td className={classes.wide}>
              {key.allowedCommands?.join(", ") ?? "All"}
              {key.mayIgnoreDevices && (
                <Text size="xs" c="dimmed">
                  may ignore devices
                </Text>
              )}
            </Table.Td>
            <Table.Td className={classes.wide}>
              {key.lastUsedAt === null ? "Never" : <Timestamp time={key.lastUsedAt} isRelative />}
            </Table.Td>
            <Table.Td className={classes.wide}>
              {key.expiresAt === null ? "Never" : <Timestamp time={key.expiresAt} isRelative />}
            </Table.Td>
            <Table.Td ta="right">
              <Group gap="xs" justify="flex-end">
                <LimitKeyButton integrationKey={key} commands={commands} />
                <RevokeKeyButton integrationKey={key} />
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
