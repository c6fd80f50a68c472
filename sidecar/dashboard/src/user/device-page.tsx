import { Badge, Table, Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { DeviceUser } from "../../../src/dashboard/contract/devices.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { ScrollBox } from "../parts/scroll-box.tsx";
import { Section } from "../parts/section.tsx";
import { TableHead } from "../parts/table-head.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import classes from "./devices.module.css";
import { ForgetDeviceButton } from "./forget-device-button.tsx";
import { userPath } from "./paths.ts";

/** Everyone who has used a device. */
export default function DevicePage() {
  const [query] = useSearchParams();
  const thumbprint = query.get("key") ?? "";
  const answer = useAnswer("devices/users", { thumbprint }, { enabled: thumbprint !== "" });
  if (thumbprint === "") {
    return <EmptyState title="No device selected">Open a device from a user or a session.</EmptyState>;
  }
  const isRemembered = answer.data?.users.some((user) => user.isRemembered) ?? false;
  return (
    <>
      <PageHeader title="Device" description={<span className="mono">{thumbprint}</span>}>
        {isRemembered && <ForgetDeviceButton thumbprint={thumbprint} />}
      </PageHeader>
      <AnswerView answer={answer}>
        {({ users, isCapped }) => (
          <Section title="Users of this device">
            {users.length === 0 ? (
              <EmptyState title="Nobody">No session is bound to this device, and no user has it remembered.</EmptyState>
            ) : (
              <ScrollBox label="Table of the users of this device" className={classes.table}>
                <Table>
                  <TableHead names={["User", "Device", "Sessions", "First seen", "Last seen"]} hasActions />
                  <Table.Tbody>
                    {users.map((user) => (
                      <UserRow key={user.userId} user={user} thumbprint={thumbprint} />
                    ))}
                  </Table.Tbody>
                </Table>
              </ScrollBox>
            )}
            {isCapped && (
              <Text size="sm" mt="xs">
                There are more users: these used it last. At most 5,000 sessions are counted.
              </Text>
            )}
          </Section>
        )}
      </AnswerView>
    </>
  );
}

function UserRow({ user, thumbprint }: { user: DeviceUser; thumbprint: string }) {
  const { userId, device, sessions, active, firstSeenAt, lastSeenAt, isRemembered } = user;
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to={userPath(userId)}>{userId}</TextLink>{" "}
        {isRemembered && (
          <Badge variant="light" color="indigo" tt="none" radius="sm">
            Remembered
          </Badge>
        )}
      </Table.Td>
      <Table.Td>{device.displayName}</Table.Td>
      <Table.Td>{sessions === 0 ? "None" : `${countOf(sessions, "session")}, ${active} active`}</Table.Td>
      <Table.Td>
        <Timestamp time={firstSeenAt} isRelative />
      </Table.Td>
      <Table.Td>
        <Timestamp time={lastSeenAt} isRelative />
      </Table.Td>
      <Table.Td>{isRemembered && <ForgetDeviceButton thumbprint={thumbprint} userId={userId} />}</Table.Td>
    </Table.Tr>
  );
}
