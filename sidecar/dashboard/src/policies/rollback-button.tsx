import { Button, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";

export function RollbackButton({ revision, current }: { revision: number; current: CurrentPolicies }) {
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const rollback = useAction("policies/rollback", {
    changes: ["policies", "sessions", "settings"],
    onSuccess: (now) => {
      notifications.show({ color: "teal", message: `Revision ${now.revision} is in force.` });
      close();
    },
  });
  if (!current.edits || !may("policies/rollback") || revision === current.revision) return null;
  const target = revision === 0 ? "the file alone" : `revision ${revision}`;
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Roll back to {revision === 0 ? "the file" : "this"}…
      </Button>
      <Modal opened={opened} onClose={close} title={`Roll back to ${target}`}>
        <Stack gap="sm">
          <Text size="sm">
            This saves the policy of {target} as a new revision. No revision is removed, so you can undo this too.
            Sessions that the policy no longer allows end.
          </Text>
          <FormError error={rollback.error} />
          <DialogButtons
            verb="Roll back"
            isPending={rollback.isPending}
            onCancel={close}
            onConfirm={() => rollback.mutate({ revision, expectedRevision: current.revision })}
          />
        </Stack>
      </Modal>
    </>
  );
}
