import { Badge, Group, Table, Text } from "@mantine/core";
import type { UserDevice } from "../../../src/dashboard/contract/devices.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ScrollBox } from "../parts/scroll-box.tsx";
import { Section } from "../parts/section.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import classes from "./devices.module.css";
import { ForgetDeviceButton } from "./forget-device-button.tsx";
import { devicePath } from "./paths.ts";

interface UserDevicesSectionProps {
  userId: string;
  everyMs: number;
}

/** The devices that are remembered for a user, or that sessions were bound to. */
export function UserDevicesSection({ userId, everyMs }: UserDevicesSectionProps) {
  const answer = useAnswer("devices/of-user", { userId }, { everyMs });
  return (
    <Section title="Devices">
      <AnswerView answer={answer}>
        {({ devices }) =>
          devices.length === 0 ? (
            <EmptyState title="No devices">No session was bound to a device, and no device is remembered.</EmptyState>
          ) : (
            <ScrollBox label="Devices of this user" className={classes.table}>
              <Table>
                <TableHead names={["Device", "Sessions", "First seen", "Last seen", "Also used by"]} hasActions />
                <Table.Tbody>
                  {devices.map((device) => (
                    <DeviceRow key={device.thumbprint} device={device} userId={userId} />
                  ))}
                </Table.Tbody>
              </Table>
            </ScrollBox>
          )
        }
      </AnswerView>
    </Section>
  );
}

function DeviceRow({ device, userId }: { device: UserDevice; userId: string }) {
  const { thumbprint, firstSeenAt, lastSeenAt, isRemembered, sessions, active, otherUsers } = device;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <TextLink to={devicePath(thumbprint)}>{device.device.displayName}</TextLink>
          {isRemembered && (
            <Badge variant="light" color="indigo" tt="none" radius="sm">
              Remembered
            </Badge>
          )}
          {active > 0 && (
            <Badge variant="light" color="teal" tt="none" radius="sm">
              Bound
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" className="mono">
          {thumbprint.slice(0, 12)}…
        </Text>
      </Table.Td>
      <Table.Td>{sessions === 0 ? "None" : `${countOf(sessions, "session")}, ${active} active`}</Table.Td>
      <Table.Td>
        <Timestamp time={firstSeenAt} isRelative />
      </Table.Td>
      <Table.Td>
        <Timestamp time={lastSeenAt} isRelative />
      </Table.Td>
      <Table.Td>
        {otherUsers === 0 ? (
          "Nobody else"
        ) : (
          <TextLink to={devicePath(thumbprint)}>{countOf(otherUsers, "other user")}</TextLink>
        )}
      </Table.Td>
      <Table.Td>{isRemembered && <ForgetDeviceButton thumbprint={thumbprint} userId={userId} />}</Table.Td>
    </Table.Tr>
  );
}
