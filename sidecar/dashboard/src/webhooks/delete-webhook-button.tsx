import { Button, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import type { WebhookInfo } from "../../../src/dashboard/contract/webhooks.ts";
import { useAction } from "../access/use-action.ts";
import { TypedConfirmation } from "../ending/typed-confirmation.tsx";

export function DeleteWebhookButton({ webhook: { id, name } }: { webhook: WebhookInfo }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useAction("webhooks/delete", {
    changes: ["webhooks"],
    onSuccess: () => {
      notifications.show({ color: "teal", message: `The webhook ${name} was deleted.` });
      close();
    },
  });
  return (
    <>
      <Button size="compact-xs" color="red" variant="light" onClick={open} aria-label={`Delete ${name}`}>
        Delete…
      </Button>
      <Modal opened={opened} onClose={close} title="Delete this webhook">
        <TypedConfirmation
          expected={name}
          verb="Delete the webhook"
          isPending={remove.isPending}
          error={remove.error}
          onCancel={close}
          onConfirm={() => remove.mutate({ id })}
        >
          <Text size="sm">Its waiting and failed messages are deleted too. This cannot be undone.</Text>
        </TypedConfirmation>
      </Modal>
    </>
  );
}
