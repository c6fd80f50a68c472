import { Text } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { UserName } from "../parts/user-name.tsx";
import { DeviceUseRow, DeviceUseTable } from "./device-use-table.tsx";
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
        <ForgetDeviceButton thumbprint={thumbprint} isRemembered={isRemembered} />
      </PageHeader>
      <AnswerView answer={answer}>
        {({ users, isCapped }) => (
          <Section title="Users of this device">
            {users.length === 0 ? (
              <EmptyState title="Nobody">
                No session is bound to this device, and it is not remembered for any user.
              </EmptyState>
            ) : (
              <DeviceUseTable label="Table of the users of this device" names={["User", "Device"]}>
                {users.map((user) => (
                  <DeviceUseRow
                    key={user.userId}
                    use={user}
                    userId={user.userId}
                    thumbprint={thumbprint}
                    subject={
                      <TextLink to={userPath(user.userId)}>
                        <UserName id={user.userId} />
                      </TextLink>
                    }
                    second={user.device.displayName}
                  />
                ))}
              </DeviceUseTable>
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
