import { Badge, Table, Text } from "@mantine/core";
import type { PolicySetting } from "../../../src/dashboard/contract/sessions.ts";
import { TableHead } from "../parts/table-head.tsx";
import { nameOfSetting } from "./catalogue.ts";
import { showInForce } from "./show-setting.ts";

/** Each setting in force with its origin: the layer of the policy, and where that was set. */
export function SettingsTable({ settings }: { settings: readonly PolicySetting[] }) {
  return (
    <Table layout="fixed" maw="60rem">
      <TableHead names={["Setting", "Value", "From"]} />
      <Table.Tbody>
        {settings.map(({ setting, value, source, origin }) => (
          <Table.Tr key={`${setting} ${source}`}>
            <Table.Td>{nameOfSetting(setting)}</Table.Td>
            <Table.Td>{showInForce(setting, value)}</Table.Td>
            <Table.Td>
              <Text size="sm" component="div">
                {LAYERS[source] ?? source} <Origin origin={origin} />
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const LAYERS: Readonly<Record<string, string>> = { default: "Built in", defaults: "Defaults of the policy" };

function Origin({ origin }: Pick<PolicySetting, "origin">) {
  if (origin === "built-in") return null;
  const isEdited = origin === "dashboard";
  return (
    <Badge size="sm" variant="light" color={isEdited ? "indigo" : "gray"} tt="none" radius="sm">
      {isEdited ? "Edited here" : "File"}
    </Badge>
  );
}
