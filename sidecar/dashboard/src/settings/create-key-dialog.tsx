import { Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type { CreatedIntegrationKey } from "../../../src/dashboard/contract/settings.ts";
import { useAction } from "../access/use-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { KeyLimitFields, readKeyLimits } from "./key-limit-fields.tsx";
import { KEY_LIVES } from "./key-lives.ts";

interface CreateKeyDialogProps {
  /** All commands that a key can be allowed to run. */
  commands: string[];
  opened: boolean;
  onClose: () => void;
  onCreated: (key: CreatedIntegrationKey) => void;
}

export function CreateKeyDialog({ commands, opened, onClose, onCreated }: CreateKeyDialogProps) {
  const create = useAction("settings/create-integration-key", { changes: ["settings"], onSuccess: onCreated });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const { allowedCommands, mayIgnoreDevices } = readKeyLimits(fields);
    const expiresInSecs = Number(fields.get("life"));
    create.mutate({
      name: String(fields.get("name")).trim(),
      mayIgnoreDevices,
      ...(allowedCommands !== null && { allowedCommands }),
      ...(expiresInSecs > 0 && { expiresInSecs }),
    });
  }

  return (
    <Modal opened={opened} onClose={onClose} title="New integration key" size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput name="name" label="Name" description="Which app uses it" required maxLength={100} data-autofocus />
          <NativeSelect name="life" label="Expires" data={KEY_LIVES} />
          <KeyLimitFields commands={commands} />
          <FormError error={create.error} />
          <DialogButtons verb="Create key" isPending={create.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
