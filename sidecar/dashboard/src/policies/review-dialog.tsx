import { Alert, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BoundedEffect, PolicyPreview } from "../../../src/dashboard/contract/policies.ts";
import { useAction } from "../access/use-action.ts";
import { failedWith } from "../api/api-error.ts";
import { post } from "../api/call.ts";
import { countOf } from "../format/count.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { nameOfLayer, nameOfSetting } from "./catalogue.ts";
import { ChangeTable } from "./change-table.tsx";
import { ProblemList } from "./problem-list.tsx";
import type { PolicyDraft } from "./use-policy-draft.ts";

interface ReviewDialogProps {
  draft: PolicyDraft;
  opened: boolean;
  onClose: () => void;
}

/** Shows what an edit would do before it is saved. */
export function ReviewDialog({ draft, opened, onClose }: ReviewDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Review the change" size="lg">
      <Review draft={draft} onClose={onClose} />
    </Modal>
  );
}

function Review({ draft, onClose }: Omit<ReviewDialogProps, "opened">) {
  const [comment, setComment] = useState("");
  const preview = useQuery({
    queryKey: ["policies/preview", draft.text],
    queryFn: ({ signal }) => post("policies/preview", { text: draft.text }, signal),
  });
  const save = useAction("policies/save", {
    changes: ["policies", "sessions", "settings"],
    onSuccess: ({ revision }) => {
      draft.discard();
      notifications.show({ color: "teal", message: `Revision ${revision} is in force.` });
      onClose();
    },
  });
  const conflict = failedWith(save.error, "Conflict");
  return (
    <AnswerView answer={preview}>
      {(found) => (
        <Stack gap="md">
          <ProblemList problems={found.problems} warnings={found.warnings} />
          {found.isValid && <Effects preview={found} />}
          <TextInput
            label="Reason for the change (shown with the revision)"
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            maxLength={500}
          />
          {conflict ? (
            <Alert role="alert" color="orange" variant="light" title="Someone else saved first">
              Your changes are kept. Close this dialog to compare them.
            </Alert>
          ) : (
            <FormError error={save.error} />
          )}
          <DialogButtons
            verb="Save"
            cancel={conflict ? "Close" : "Continue editing"}
            isPending={save.isPending}
            isDisabled={!found.isValid || conflict !== undefined}
            onCancel={onClose}
            onConfirm={() =>
              save.mutate({
                text: draft.text,
                expectedRevision: draft.revision,
                ...(comment.trim() && { comment: comment.trim() }),
              })
            }
          />
        </Stack>
      )}
    </AnswerView>
  );
}

function Effects({ preview }: { preview: PolicyPreview }) {
  const { changes, loosens, ends, refuses } = preview;
  return (
    <>
      <Stack gap={4}>
        <Title order={3} size="h6">
          Effect on active sessions
        </Title>
        <Text
          size="sm"
          fw={ends.count > 0 ? 650 : undefined}
          c={ends.count > 0 ? "var(--mantine-color-error)" : undefined}
        >
          {effect(ends)} would end immediately.
        </Text>
        {refuses.count > 0 && <Text size="sm">{effect(refuses)} would be refused at their last address.</Text>}
      </Stack>
      {changes.length > 0 ? <ChangeTable changes={changes} /> : <Text size="sm">No settings change.</Text>}
      {loosens.length > 0 && (
        <Alert color="yellow" variant="light" title="This loosens the policy">
          An admin must save it and confirm the password:{" "}
          {loosens.map(({ layer, setting }) => namedIn(layer, setting)).join(", ")}.
        </Alert>
      )}
    </>
  );
}

function namedIn(layer: string, setting: string): string {
  return layer === "" ? nameOfSetting(setting) : `${nameOfSetting(setting)} (${nameOfLayer(layer)})`;
}

function effect({ count, lookedAt, isComplete }: BoundedEffect): string {
  const sessions = countOf(count, "session");
  return isComplete ? sessions : `At least ${sessions} (of the ${lookedAt} checked)`;
}
