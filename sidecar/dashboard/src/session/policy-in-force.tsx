import { Table, Text } from "@mantine/core";
import type { PolicySetting } from "../../../src/dashboard/contract/sessions.ts";
import { Section } from "../parts/section.tsx";
import { nameOfSetting } from "../policies/catalogue.ts";
import { showSetting } from "../policies/show-setting.ts";
import { sourceOf } from "../policies/source.ts";

/** Each setting that decides about this session, with where it comes from. */
export function PolicyInForce({ settings }: { settings: PolicySetting[] }) {
  return (
    <Section title="Policy in force">
      <Table withRowBorders>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Setting</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th>From</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {settings.map(({ setting, value, source }) => (
            <Table.Tr key={setting}>
              <Table.Td>{nameOfSetting(setting)}</Table.Td>
              <Table.Td>{showSetting(setting, value)}</Table.Td>
              <Table.Td>
                <Text size="xs" c="dimmed">
                  {sourceOf(source)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
