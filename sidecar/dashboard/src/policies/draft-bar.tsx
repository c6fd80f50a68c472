import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { ReviewDialog } from "./review-dialog.tsx";
import { TextDiff } from "./text-diff.tsx";
import type { PolicyDraft } from "./use-policy-draft.ts";

/** Shown while there are unsaved changes: review and save them, or discard them. */
export function DraftBar({ current, draft }: { current: CurrentPolicies; draft: PolicyDraft }) {
  const [opened, { open, close }] = useDisclosure(false);
  // Kept for the next review, if somebody else saves first.
  const [comment, setComment] = useState("");
  return (
    <>
      {draft.isOutdated ? (
        <Outdated current={current} draft={draft} />
      ) : (
        <Alert variant="light" color="indigo" title="You have unsaved changes">
          <Group gap="xs">
            <Button size="xs" onClick={open}>
              Review and save…
            </Button>
            <Button size="xs" variant="default" onClick={draft.discard}>
              Discard
            </Button>
          </Group>
        </Alert>
      )}
      <ReviewDialog draft={draft} comment={comment} onComment={setComment} opened={opened} onClose={close} />
    </>
  );
}

function Outdated({ current, draft }: { current: CurrentPolicies; draft: PolicyDraft }) {
  return (
    <Alert role="alert" variant="light" color="orange" title="Someone else has changed the policy">
      <Stack gap="sm">
        <Text size="sm">
          {current.author ?? "The file"} saved revision {current.revision}; you started from revision {draft.revision}.
          Nothing is lost: your changes are shown below, compared with the policy in force.
        </Text>
        <TextDiff before={current.text} after={draft.merged} />
        <Group gap="xs">
          <Button size="xs" onClick={draft.rebase}>
            Apply my changes to it
          </Button>
          <Button size="xs" variant="default" onClick={draft.discard}>
            Discard my changes
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
