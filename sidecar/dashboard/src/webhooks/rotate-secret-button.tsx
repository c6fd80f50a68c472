import { Button, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { FormEvent } from "react";
import type { WebhookInfo, WebhookSecret } from "../../../src/dashboard/contract/webhooks.ts";
import { useAction } from "../access/use-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";

const OVERLAPS = [
  { value: "86400", label: "For a day" },
  { value: "3600", label: "For an hour" },
  { value: "604800", label: "For a week" },
  { value: "0", label: "No: it has leaked" },
];

interface RotateSecretButtonProps {
  webhook: WebhookInfo;
  onSecret: (secret: WebhookSecret) => void;
}

export function RotateSecretButton({ webhook: { id, name }, onSecret }: RotateSecretButtonProps) {
  const [opened, { open, close }] = useDisclosure(false);
  const rotate = useAction("webhooks/rotate-secret", {
    changes: ["webhooks"],
    onSuccess: (secret) => {
      onSecret(secret);
      close();
    },
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    rotate.mutate({ id, keepPreviousSecs: Number(new FormData(event.currentTarget).get("overlap")) });
  }

  return (
    <>
      <Button size="compact-xs" variant="default" onClick={open} aria-label={`New secret for ${name}`}>
        New secret…
      </Button>
      <Modal opened={opened} onClose={close} title="New secret">
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Text size="sm">
              Messages are signed with both secrets for a while, so that the receiver can change to the new one.
            </Text>
            <NativeSelect name="overlap" label="Keep signing with the current secret too" data={OVERLAPS} />
            <FormError error={rotate.error} />
            <DialogButtons verb="Make a new secret" isPending={rotate.isPending} onCancel={close} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
