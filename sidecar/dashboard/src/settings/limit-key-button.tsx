import { Button, Modal, NativeSelect, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import type { FormEvent } from "react";
import type { IntegrationKeyInfo } from "../../../src/dashboard/contract/settings.ts";
import { useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { Overtaken } from "../parts/overtaken.tsx";
import { KeyLimitFields, readKeyLimits } from "./key-limit-fields.tsx";
import { KEY_LIVES } from "./key-lives.ts";
import { goneWords } from "./key-states.ts";

const KEPT = "kept";

/** Changes what a key may do and when it expires. */
export function LimitKeyButton({
  integrationKey,
  commands,
}: {
  integrationKey: IntegrationKeyInfo;
  commands: string[];
}) {
  const { id, name, state } = integrationKey;
  const may = useMay();
  const [opened, { open, close }] = useDisclosure(false);
  const limit = useAction("settings/limit-integration-key", {
    changes: ["settings"],
    onSuccess: () => {
      notifications.show({ color: "teal", message: `The limits of the key ${name} are in force.` });
      close();
    },
  });
  if (!may("settings/limit-integration-key")) return null;
  const gone = goneWords(state);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const life = fields.get("life");
    limit.mutate({
      id,
      ...readKeyLimits(fields),
      ...(life !== KEPT && { expiresInSecs: life === "" ? null : Number(life) }),
    });
  }

  return (
    <>
      {state === "active" && (
        <Button size="compact-xs" variant="light" onClick={open} aria-label={`Change the limits of the key ${name}`}>
          Limits…
        </Button>
      )}
      <Modal opened={opened} onClose={close} title={`Limits of the key ${name}`} size="lg">
        <form onSubmit={submit}>
          <Stack gap="sm">
            <NativeSelect name="life" label="Expires" data={[{ value: KEPT, label: "As before" }, ...KEY_LIVES]} />
            <KeyLimitFields commands={commands} limits={integrationKey} />
            <FormError error={limit.error} />
            <Overtaken by={gone} />
            <DialogButtons
              verb="Save the limits"
              cancel={gone === undefined ? "Cancel" : "Close"}
              isPending={limit.isPending}
              isDisabled={gone !== undefined}
              onCancel={close}
            />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
