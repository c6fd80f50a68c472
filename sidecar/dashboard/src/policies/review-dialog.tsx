import { Alert, Modal, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { affectedBy } from "../../../src/dashboard/contract/policies.ts";
import { useAction } from "../access/use-action.ts";
import { failedWith } from "../api/api-error.ts";
import { post } from "../api/call.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { AffectedConfirmation, isAffectedConfirmed } from "./affected-confirmation.tsx";
import { Effects } from "./effects.tsx";
import { ProblemList } from "./problem-list.tsx";
import type { PolicyDraft } from "./use-policy-draft.ts";

interface ReviewDialogProps {
  draft: PolicyDraft;
  /** The reason for the change. */
  comment: string;
  onComment: (comment: string) => void;
  opened: boolean;
  onClose: () => void;
}

/** Shows what an edit would do before it is saved. */
export function ReviewDialog({ opened, ...review }: ReviewDialogProps) {
  return (
    <Modal opened={opened} onClose={review.onClose} title="Review the change" size="lg">
      <Review {...review} />
    </Modal>
  );
}

function Review({ draft, comment, onComment, onClose }: Omit<ReviewDialogProps, "opened">) {
  const [typed, setTyped] = useState("");
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
  const isOvertaken = draft.isOutdated || failedWith(save.error, "Conflict") !== undefined;
  return (
    <AnswerView answer={preview}>
      {(found) => (
        <Stack gap="md">
          <ProblemList problems={found.problems} warnings={found.warnings} />
          {found.isValid && <Effects preview={found} />}
          <TextInput
            label="Reason for the change (shown with the revision)"
            value={comment}
            onChange={(event) => onComment(event.currentTarget.value)}
            maxLength={500}
          />
          <AffectedConfirmation preview={found} typed={typed} onChange={setTyped} />
          {isOvertaken ? (
            <Alert role="alert" color="orange" variant="light" title="Someone else saved first">
              Your changes are kept. Close this dialog to compare them.
            </Alert>
          ) : (
            <FormError error={save.error} />
          )}
          <DialogButtons
            verb="Save"
            cancel={isOvertaken ? "Close" : "Continue editing"}
            isPending={save.isPending}
            isDisabled={!found.isValid || isOvertaken || !isAffectedConfirmed(found, typed)}
            isDangerous={affectedBy(found).count > 0}
            onCancel={onClose}
            onConfirm={() =>
              save.mutate(
                {
                  text: draft.text,
                  expectedRevision: draft.revision,
                  confirmed: affectedBy(found),
                  ...(comment.trim() && { comment: comment.trim() }),
                },
                { onError: () => void preview.refetch() },
              )
            }
          />
        </Stack>
      )}
    </AnswerView>
  );
}
