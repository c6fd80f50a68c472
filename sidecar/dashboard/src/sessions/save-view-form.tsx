import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { FormEvent } from "react";
import { useAccess } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import type { SessionFilter } from "../api/calls.ts";
import { FormError } from "../parts/form-error.tsx";

export function SaveViewForm({ filter, onSaved }: { filter: SessionFilter; onSaved: () => void }) {
  const { me } = useAccess();
  const save = useAction("views/save", {
    changes: ["views"],
    onSuccess: (_answer, { name }) => {
      notifications.show({ color: "teal", message: `The view ${name} was saved.` });
      onSaved();
    },
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    save.mutate({ name: String(fields.get("name")).trim(), filter, isShared: fields.has("shared") });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput name="name" label="Name of the view" required maxLength={60} autoComplete="off" data-autofocus />
        {me.role !== "ReadOnly" && <Checkbox name="shared" label="Everybody who uses the dashboard sees it" />}
        <FormError error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" size="xs" loading={save.isPending}>
            Save the view
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
