import { Text } from "@mantine/core";
import type { UserDevice } from "../../../src/dashboard/contract/devices.ts";
import { useAnswer } from "../api/use-answer.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { DeviceUseRow, DeviceUseTable } from "./device-use-table.tsx";
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
        {({ devices, hasMore }) =>
          devices.length === 0 ? (
            <EmptyState title="No devices">No session was bound to a device, and no device is remembered.</EmptyState>
          ) : (
            <>
              <DeviceUseTable label="Devices of this user" names={["Device", "Also used by"]}>
                {devices.map((device) => (
                  <DeviceRow key={device.thumbprint} device={device} userId={userId} />
                ))}
              </DeviceUseTable>
              {hasMore && (
                <Text size="xs" c="dimmed">
                  There are more devices: these are the {devices.length} seen last.
                </Text>
              )}
            </>
          )
        }
      </AnswerView>
    </Section>
  );
}

function DeviceRow({ device, userId }: { device: UserDevice; userId: string }) {
  const { thumbprint, otherUsers } = device;
  const path = devicePath(thumbprint);
  return (
    <DeviceUseRow
      use={device}
      userId={userId}
      thumbprint={thumbprint}
      subject={<TextLink to={path}>{device.device.displayName}</TextLink>}
      below={
        <Text size="xs" c="dimmed" className="mono">
          {thumbprint.slice(0, 12)}…
        </Text>
      }
      second={otherUsers === 0 ? "Nobody else" : <TextLink to={path}>{countOf(otherUsers, "other user")}</TextLink>}
    />
  );
}
