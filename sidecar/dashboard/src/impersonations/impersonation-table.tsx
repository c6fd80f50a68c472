import { Stack, Table, Text } from "@mantine/core";
import type { ImpersonationSummary } from "../../../src/dashboard/contract/impersonations.ts";
import { ScrollBox } from "../parts/scroll-box.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { EndImpersonationButton } from "./end-impersonation-button.tsx";
import { ImpersonationState } from "./impersonation-state.tsx";
import { impersonationsPath } from "./paths.ts";

export function ImpersonationTable({ impersonations }: { impersonations: ImpersonationSummary[] }) {
  return (
    <ScrollBox label="Impersonations, newest first">
      <Table>
        <TableHead names={["Employee", "User", "State", "Since", "Until", "From"]} hasActions />
        <Table.Tbody>
          {impersonations.map((impersonation) => (
            <ImpersonationRow key={impersonation.impersonationId} impersonation={impersonation} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
}

function ImpersonationRow({ impersonation }: { impersonation: ImpersonationSummary }) {
  const { employeeEmail, userId, createdAt, expiresAt, endedAt, device, ipAddress } = impersonation;
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to={impersonationsPath({ employeeEmail })}>{employeeEmail}</TextLink>
      </Table.Td>
      <Table.Td>
        <TextLink to={`/user?id=${encodeURIComponent(userId)}`}>{userId}</TextLink>
      </Table.Td>
      <Table.Td>
        <ImpersonationState {...impersonation} />
      </Table.Td>
      <Table.Td>
        <Timestamp time={createdAt} />
      </Table.Td>
      <Table.Td>
        <Timestamp time={endedAt ?? expiresAt} />
      </Table.Td>
      <Table.Td>
        <Stack gap={0}>
          <span className="mono">{ipAddress ?? "none"}</span>
          <Text size="xs" c="dimmed">
            {device?.displayName}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td>{endedAt === null && <EndImpersonationButton {...impersonation} />}</Table.Td>
    </Table.Tr>
  );
}
