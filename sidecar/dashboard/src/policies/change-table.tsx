import { Table } from "@mantine/core";
import type { PolicyChange } from "../../../src/dashboard/contract/policies.ts";
import { TableHead } from "../parts/table-head.tsx";
import { nameOfSetting } from "./catalogue.ts";
import { showSetting } from "./show-setting.ts";

interface ChangeTableProps {
  changes: PolicyChange[];
  beforeName?: string;
  afterName?: string;
}

export function ChangeTable({ changes, beforeName = "Before", afterName = "After" }: ChangeTableProps) {
  return (
    <Table layout="fixed">
      <TableHead names={["Setting", beforeName, afterName]} />
      <Table.Tbody>
        {changes.map(({ layer, setting, before, after }) => (
          <Table.Tr key={`${layer} ${setting}`}>
            <Table.Td>
              {layer && <strong>{nameOfLayer(layer)}: </strong>}
              {nameOfSetting(setting)}
            </Table.Td>
            <Table.Td>{showSetting(setting, before)}</Table.Td>
            <Table.Td>{showSetting(setting, after)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function nameOfLayer(layer: string): string {
  return layer === "defaults" ? "Defaults" : layer;
}
