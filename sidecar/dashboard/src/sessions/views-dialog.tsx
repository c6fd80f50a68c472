import { CloseButton, Group, Modal, Stack, Text } from "@mantine/core";
import { useAction } from "../access/use-action.ts";
import type { AnswerOf, SessionFilter } from "../api/calls.ts";
import { FormError } from "../parts/form-error.tsx";
import { SaveViewForm } from "./save-view-form.tsx";

interface ViewsDialogProps {
  filter: SessionFilter;
  views: AnswerOf<"views/list">["items"];
  opened: boolean;
  onClose: () => void;
}

/** Saves the filter under a name, and deletes saved ones. */
export function ViewsDialog({ filter, views, opened, onClose }: ViewsDialogProps) {
  const remove = useAction("views/delete", { changes: ["views"] });
  const own = views.filter(({ mayDelete }) => mayDelete);
  return (
    <Modal opened={opened} onClose={onClose} title="Views">
      <Stack gap="md">
        {Object.keys(filter).length > 0 && <SaveViewForm filter={filter} onSaved={onClose} />}
        <FormError error={remove.error} />
        {own.length === 0 ? (
          <Text size="sm" c="dimmed">
            There are no views that you can delete.
          </Text>
        ) : (
          <Stack component="ul" gap={4} p={0} m={0} aria-label="Saved views">
            {own.map(({ id, name, isShared }) => (
              <Group key={id} component="li" justify="space-between" wrap="nowrap">
                <Text size="sm">
                  {name}
                  {isShared && " (shared)"}
                </Text>
                <CloseButton size="sm" aria-label={`Delete the view ${name}`} onClick={() => remove.mutate({ id })} />
              </Group>
            ))}
          </Stack>
        )}
      </Stack>
    </Modal>
  );
}
