import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { affectedBy, type CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { useAction } from "../access/use-action.ts";
import { post } from "../api/call.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { AffectedConfirmation, isAffectedConfirmed } from "./affected-confirmation.tsx";
import { Effects } from "./effects.tsx";

interface RollbackReviewProps {
  revision: number;
  /** What it is called. */
  target: string;
  current: CurrentPolicies;
  onClose: () => void;
}

/** Shows what a roll-back would do before it is done. */
export function RollbackReview({ revision, target, current, onClose }: RollbackReviewProps) {
  const [typed, setTyped] = useState("");
  const preview = useQuery({
    queryKey: ["policies/preview-rollback", revision, current.revision],
    queryFn: ({ signal }) => post("policies/preview-rollback", { revision }, signal),
  });
  const rollback = useAction("policies/rollback", {
    changes: ["policies", "sessions", "settings"],
    onSuccess: (now) => {
      notifications.show({ color: "teal", message: `Revision ${now.revision} is in force.` });
      onClose();
    },
  });
  return (
    <AnswerView answer={preview}>
      {(found) => (
        <Stack gap="md">
          <Text size="sm">
            This saves the policy of {target} as a new revision. No revision is removed, so you can undo this too.
          </Text>
          <Effects preview={found} />
          <AffectedConfirmation preview={found} typed={typed} onChange={setTyped} />
          <FormError error={rollback.error} />
          <DialogButtons
            verb="Roll back"
            isPending={rollback.isPending}
            isDisabled={!isAffectedConfirmed(found, typed)}
            isDangerous={affectedBy(found).count > 0}
            onCancel={onClose}
            onConfirm={() =>
              rollback.mutate(
                { revision, expectedRevision: current.revision, confirmed: affectedBy(found) },
                { onError: () => void preview.refetch() },
              )
            }
          />
        </Stack>
      )}
    </AnswerView>
  );
}
