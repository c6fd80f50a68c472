import { Checkbox, Modal, Stack, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import type { WebhookInfo, WebhookSecret } from "../../../src/dashboard/contract/webhooks.ts";
import { useAction } from "../access/use-action.ts";
import { problemAt } from "../api/api-error.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { LimitedChoice } from "./limited-choice.tsx";
import { readWebhookForm } from "./read-webhook-form.ts";

interface WebhookDialogProps {
  /** Undefined: a new one is created. */
  edited: WebhookInfo | undefined;
  types: string[];
  endReasons: string[];
  onClose: () => void;
  onCreated: (secret: WebhookSecret) => void;
}

export function WebhookDialog({ edited, types, endReasons, onClose, onCreated }: WebhookDialogProps) {
  const create = useAction("webhooks/create", {
    changes: ["webhooks"],
    onSuccess: (secret) => {
      onCreated(secret);
      onClose();
    },
  });
  const change = useAction("webhooks/change", { changes: ["webhooks"], onSuccess: onClose });
  const { error, isPending } = edited ? change : create;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const choice = readWebhookForm(new FormData(event.currentTarget));
    if (edited) change.mutate({ ...choice, id: edited.id });
    else create.mutate(choice);
  }

  return (
    <Modal opened onClose={onClose} title={edited ? "Edit the webhook" : "New webhook"} size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput name="name" label="Name" required maxLength={100} defaultValue={edited?.name} data-autofocus />
          <TextInput
            name="url"
            type="url"
            label="URL"
            description="https, and on a public address unless WEBHOOK_PRIVATE_TARGETS allows it"
            required
            maxLength={2048}
            defaultValue={edited?.url}
            error={problemAt(error, "url")}
          />
          <LimitedChoice name="type" label="Only some events" values={types} chosen={edited?.types ?? null} />
          <LimitedChoice
            name="end-reason"
            label="Only some reasons of session.ended"
            values={endReasons}
            chosen={edited?.endReasons ?? null}
          />
          <TextInput
            name="tags"
            label="Only sessions with one of these tags"
            description="Separated by commas. Empty: all events, also those that concern no session"
            defaultValue={edited?.tags?.join(", ")}
            error={problemAt(error, "tags")}
          />
          <Checkbox
            name="sends-client"
            label="Send addresses and user agents too"
            defaultChecked={edited?.sendsClient ?? false}
          />
          <Checkbox name="enabled" label="Enabled" defaultChecked={!edited?.isDisabled} />
          <FormError error={error} shownAt={["url", "tags"]} />
          <DialogButtons verb={edited ? "Save" : "Create webhook"} isPending={isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
