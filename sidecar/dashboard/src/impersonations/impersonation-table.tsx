import { Stack, Table, Text } from "@mantine/core";
import type { ImpersonationSummary } from "../../../src/dashboard/contract/impersonations.ts";
import { TableHead } from "../parts/table-head.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { UserName } from "../parts/user-name.tsx";
import { EndImpersonationButton } from "./end-impersonation-button.tsx";
import { ImpersonationState } from "./impersonation-state.tsx";
import classes from "./impersonations.module.css";
import { impersonationsPath } from "./paths.ts";

/** A small screen shows only the persons and the state; the first column also has the content of the others. */
export function ImpersonationTable({ impersonations }: { impersonations: ImpersonationSummary[] }) {
  return (
    <Table>
      <TableHead
        names={["Employee, as user", "State"]}
        wide={{ names: ["Since", "Until", "From"], className: classes.wide }}
        hasActions
      />
      <Table.Tbody>
        {impersonations.map((impersonation) => (
          <ImpersonationRow key={impersonation.impersonationId} impersonation={impersonation} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function ImpersonationRow({ impersonation }: { impersonation: ImpersonationSummary }) {
  const { employeeEmail, userId, createdAt, expiresAt, endedAt, device, ipAddress } = impersonation;
  return (
    <Table.Tr>
      <Table.Td className={classes.persons}>
        <Stack gap={0}>
          <TextLink to={impersonationsPath({ employeeEmail })}>{employeeEmail}</TextLink>
          <span>
            as{" "}
            <TextLink to={`/user?id=${encodeURIComponent(userId)}`}>
              <UserName id={userId} />
            </TextLink>
          </span>
          <Text size="xs" c="dimmed" className={classes.narrow}>
            {ipAddress} · <Timestamp time={createdAt} isRelative />
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td>
        <ImpersonationState {...impersonation} />
      </Table.Td>
      <Table.Td className={classes.wide}>
        <Timestamp time={createdAt} />
      </Table.Td>
      <Table.Td className={classes.wide}>
        <Timestamp time={endedAt ?? expiresAt} />
      </Table.Td>
      <Table.Td className={classes.wide}>
        <Stack gap={0}>
          <span className="mono">{ipAddress ?? "none"}</span>
          <Text size="xs" c="dimmed">
            {device?.displayName}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td ta="right">
        <EndImpersonationButton {...impersonation} />
      </Table.Td>
    </Table.Tr>
  );
}
