import { Table } from "@mantine/core";
import type { PolicyChange } from "../../../src/dashboard/contract/policies.ts";
import { TableHead } from "../parts/table-head.tsx";
import { nameOfLayer, nameOfSetting } from "./catalogue.ts";
import { showSide } from "./show-setting.ts";

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
        {changes.map(({ layer, setting, before, after, beforeInForce, afterInForce }) => (
          <Table.Tr key={`${layer} ${setting}`}>
            <Table.Td>
              {layer && <strong>{nameOfLayer(layer)}: </strong>}
              {nameOfSetting(setting)}
            </Table.Td>
            <Table.Td>{showSide({ layer, setting }, before, beforeInForce)}</Table.Td>
            <Table.Td>{showSide({ layer, setting }, after, afterInForce)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
