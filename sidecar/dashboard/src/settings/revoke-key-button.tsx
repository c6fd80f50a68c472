import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import type { IntegrationKeyInfo } from "../../../src/dashboard/contract/settings.ts";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { TypedConfirmation } from "../ending/typed-confirmation.tsx";
import { goneWords } from "./key-states.ts";

export function RevokeKeyButton({ integrationKey: { id, name, state } }: { integrationKey: IntegrationKeyInfo }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const revoke = useAction("settings/revoke-integration-key", {
    changes: ["settings"],
    onSuccess: () => {
      notifications.show({ color: "teal", message: `The key ${name} was revoked.` });
      close();
    },
  });
  if (!may("settings/revoke-integration-key")) return null;
  return (
    <>
      {state === "active" && (
        <Button size="compact-xs" color="red" variant="light" onClick={open} aria-label={`Revoke the key ${name}`}>
          Revoke…
        </Button>
      )}
      <Modal opened={opened} onClose={close} title="Revoke this key">
        <TypedConfirmation
          expected={name}
          verb="Revoke the key"
          isPending={revoke.isPending}
          error={revoke.error}
          overtaken={revoke.isSuccess ? undefined : goneWords(state)}
          onCancel={close}
          onConfirm={() => revoke.mutate({ id })}
        >
          <Text size="sm">
            Every app that uses it is refused within a second: its users cannot log in, and their requests fail. This
            cannot be undone.
          </Text>
        </TypedConfirmation>
      </Modal>
    </>
  );
}
