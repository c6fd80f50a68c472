import { Checkbox, Fieldset, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { CreatedIntegrationKey } from "../../../src/dashboard/contract/settings.ts";
import { useAction } from "../access/use-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import classes from "./settings.module.css";

interface CreateKeyDialogProps {
  /** All commands that a key can be allowed to run. */
  commands: string[];
  opened: boolean;
  onClose: () => void;
  onCreated: (key: CreatedIntegrationKey) => void;
}

const DAY_SECS = 86_400;
const LIVES = [
  { value: "", label: "Never" },
  { value: String(30 * DAY_SECS), label: "In 30 days" },
  { value: String(90 * DAY_SECS), label: "In 90 days" },
  { value: String(365 * DAY_SECS), label: "In a year" },
];

export function CreateKeyDialog({ commands, opened, onClose, onCreated }: CreateKeyDialogProps) {
  const [isLimited, setIsLimited] = useState(false);
  const create = useAction("settings/create-integration-key", { changes: ["settings"], onSuccess: onCreated });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const expiresInSecs = Number(fields.get("life"));
    create.mutate({
      name: String(fields.get("name")).trim(),
      ...(isLimited && {
        allowedCommands: fields.getAll("command").map(String),
        mayIgnoreDevices: fields.has("ignore-devices"),
      }),
      ...(expiresInSecs > 0 && { expiresInSecs }),
    });
  }

  return (
    <Modal opened={opened} onClose={onClose} title="New integration key" size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput name="name" label="Name" description="Which app uses it" required maxLength={100} data-autofocus />
          <NativeSelect name="life" label="Expires" data={LIVES} />
          <Checkbox
            label="Limit it to some commands"
            checked={isLimited}
            onChange={(event) => setIsLimited(event.currentTarget.checked)}
          />
          {isLimited && (
            <>
              <Fieldset legend="Allowed commands">
                <div className={classes.commands}>
                  {commands.map((command) => (
                    <Checkbox key={command} name="command" value={command} label={command} size="xs" />
                  ))}
                </div>
              </Fieldset>
              <Checkbox
                name="ignore-devices"
                label="May ignore devices"
                description="The app can accept a bound session without a proof of its device, so a copied cookie is enough."
              />
            </>
          )}
          <FormError error={create.error} />
          <DialogButtons verb="Create key" isPending={create.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
