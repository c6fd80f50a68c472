import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { ReviewDialog } from "./review-dialog.tsx";
import { TextDiff } from "./text-diff.tsx";
import type { PolicyDraft } from "./use-policy-draft.ts";

/** An edit is under way: look at what it does, save it, or throw it away. */
export function DraftBar({ current, draft }: { current: CurrentPolicies; draft: PolicyDraft }) {
  const [opened, { open, close }] = useDisclosure(false);
  if (draft.isOutdated) return <Outdated current={current} draft={draft} />;
  return (
    <>
      <Alert variant="light" color="indigo" title="You have changes that are not in force yet">
        <Group gap="xs">
          <Button size="xs" onClick={open}>
            Review and save…
          </Button>
          <Button size="xs" variant="default" onClick={draft.discard}>
            Discard
          </Button>
        </Group>
      </Alert>
      <ReviewDialog draft={draft} opened={opened} onClose={close} />
    </>
  );
}

function Outdated({ current, draft }: { current: CurrentPolicies; draft: PolicyDraft }) {
  return (
    <Alert role="alert" variant="light" color="orange" title="Somebody else has changed the policy meanwhile">
      <Stack gap="sm">
        <Text size="sm">
          {current.author ?? "The file"} made revision {current.revision}; you started from revision {draft.revision}.
          Nothing is lost: this is what your changes do to the policy of now.
        </Text>
        <TextDiff before={current.text} after={draft.merged} />
        <Group gap="xs">
          <Button size="xs" onClick={draft.rebase}>
            Add mine to theirs
          </Button>
          <Button size="xs" variant="default" onClick={draft.discard}>
            Take theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
