import { Button, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { countOf } from "../format/count.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { Overtaken } from "../parts/overtaken.tsx";

interface ForgetDeviceButtonProps {
  thumbprint: string;
  /** Undefined: for all users. */
  userId?: string;
  /** The button goes when the device is forgotten; a dialog that is open stays and says so. */
  isRemembered: boolean;
}

/** Forgets a remembered device, after a question. */
export function ForgetDeviceButton({ thumbprint, userId, isRemembered }: ForgetDeviceButtonProps) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const forget = useAction("devices/forget", {
    changes: ["devices", "sessions", "app-users"],
    onSuccess: ({ forgotten }) => {
      notifications.show({ color: "teal", message: `The device was forgotten for ${countOf(forgotten, "user")}.` });
      close();
    },
  });
  if (!may("devices/forget")) return null;
  const whose = userId === undefined ? "all users" : userId;
  const gone = isRemembered || forget.isSuccess ? undefined : "The device was forgotten in the meantime.";
  const label = userId === undefined ? "Forget for all users…" : "Forget…";
  return (
    <>
      {isRemembered && (
        <Button
          color="red"
          variant="light"
          size="xs"
          onClick={open}
          aria-label={`${label} (device ${thumbprint.slice(0, 12)}, ${whose})`}
        >
          {label}
        </Button>
      )}
      <Modal opened={opened} onClose={close} title="Forget this device">
        <Stack gap="sm">
          <Text size="sm">
            The device is no longer remembered for <strong>{whose}</strong>: it counts as new at the next login.
            Sessions that are bound to it stay.
          </Text>
          <FormError error={forget.error} />
          <Overtaken by={gone} />
          <DialogButtons
            verb="Forget device"
            cancel={gone === undefined ? "Cancel" : "Close"}
            isDisabled={gone !== undefined}
            isPending={forget.isPending}
            onCancel={close}
            onConfirm={() => forget.mutate({ thumbprint, ...(userId !== undefined && { userId }) })}
            isDangerous
          />
        </Stack>
      </Modal>
    </>
  );
}
