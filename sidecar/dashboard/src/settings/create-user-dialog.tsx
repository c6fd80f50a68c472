import { Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { mayManage, ROLE_NAMES, ROLES } from "../../../src/dashboard/contract/roles.ts";
import type { TemporaryPassword } from "../../../src/dashboard/contract/settings.ts";
import { useAccess } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";

interface CreateUserDialogProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (made: TemporaryPassword) => void;
}

export function CreateUserDialog({ opened, onClose, onCreated }: CreateUserDialogProps) {
  const { me } = useAccess();
  const create = useAction("settings/create-user", { changes: ["settings"], onSuccess: onCreated });
  const roles = ROLES.filter((role) => mayManage(me.role, role));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const role = roles.find((one) => one === fields.get("role"));
    if (role) create.mutate({ username: String(fields.get("username")).trim(), role });
  }

  return (
    <Modal opened={opened} onClose={onClose} title="New user">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            name="username"
            label="Username"
            description="Letters from a to z, digits and . _ @ + -"
            required
            maxLength={128}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <NativeSelect
            name="role"
            label="Role"
            description="Read only: view everything. Editor: also end sessions and edit policies. Admin: also manage users and keys."
            data={roles.map((role) => ({ value: role, label: ROLE_NAMES[role] }))}
            defaultValue="ReadOnly"
          />
          <FormError error={create.error} />
          <DialogButtons verb="Create user" isPending={create.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
