import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { TypedConfirmation } from "../ending/typed-confirmation.tsx";

const HOUR_SECS = 3600;
const MAX_LIFETIME_SECS = 86_400;

const KINDS = {
  scheduled: {
    title: "Rotate the signing key",
    verb: "Rotate the key",
    typed: "rotate",
    times: {
      secsBeforeNewKeyBecomesDefault: HOUR_SECS,
      secsBeforeExistingKeysAreDeactivated: HOUR_SECS + MAX_LIFETIME_SECS,
    },
    consequence:
      "A new key is published now and signs in an hour, when services have fetched it. The existing keys are removed a day later, when all of their tokens have expired. No token is refused.",
  },
  emergency: {
    title: "Replace the signing keys now",
    verb: "Replace the keys",
    typed: "replace",
    times: { secsBeforeNewKeyBecomesDefault: 0, secsBeforeExistingKeysAreDeactivated: 0 },
    consequence:
      "For a key that has leaked. All existing tokens are refused as soon as services fetch the keys again. This cannot be undone.",
  },
} as const;

export function RotateTokenKeyButton({ kind }: { kind: keyof typeof KINDS }) {
  const { title, verb, typed, times, consequence } = KINDS[kind];
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const rotate = useAction("settings/rotate-token-key", {
    changes: ["settings"],
    onSuccess: () => {
      notifications.show({ color: "teal", message: "A new signing key was created." });
      close();
    },
  });
  if (!may("settings/rotate-token-key")) return null;
  return (
    <>
      <Button size="xs" variant="light" {...(kind === "emergency" && { color: "red" })} onClick={open}>
        {title}…
      </Button>
      <Modal opened={opened} onClose={close} title={title}>
        <TypedConfirmation
          expected={typed}
          verb={verb}
          isPending={rotate.isPending}
          error={rotate.error}
          onCancel={close}
          onConfirm={() => rotate.mutate(times)}
        >
          <Text size="sm">{consequence}</Text>
        </TypedConfirmation>
      </Modal>
    </>
  );
}
