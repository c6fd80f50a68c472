import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { CurrentPolicies, RevisionSummary } from "../../../src/dashboard/contract/policies.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { ChangeTable } from "./change-table.tsx";
import { RollbackButton } from "./rollback-button.tsx";
import { TextDiff } from "./text-diff.tsx";

export function RevisionEntry({ revision, current }: { revision: RevisionSummary; current: CurrentPolicies }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const isCurrent = revision.revision === current.revision;
  return (
    <Paper component="section" aria-label={`Revision ${revision.revision}`} withBorder p="sm">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Text fw={600} size="sm">
              Revision {revision.revision}
            </Text>
            {isCurrent && (
              <Badge variant="light" color="teal" tt="none" radius="sm">
                In force
              </Badge>
            )}
            <Text size="sm" c="dimmed">
              {revision.author}, <Timestamp time={revision.createdAt} />
            </Text>
          </Group>
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={toggle} aria-expanded={isOpen}>
              {isOpen ? "Hide the difference" : "Show the difference"}
            </Button>
            {!isCurrent && <RollbackButton revision={revision.revision} current={current} />}
          </Group>
        </Group>
        {revision.rollbackOf !== null && (
          <Text size="sm">
            Rolled back to {revision.rollbackOf === 0 ? "the file alone" : `revision ${revision.rollbackOf}`}.
          </Text>
        )}
        {revision.comment && <Text size="sm">{revision.comment}</Text>}
        {revision.changes === null && (
          <Text size="sm">Too many changes to list here. Show the difference to see them.</Text>
        )}
        {revision.changes !== null && revision.changes.length > 0 && <ChangeTable changes={revision.changes} />}
        {isOpen && <Difference revision={revision.revision} />}
      </Stack>
    </Paper>
  );
}

function Difference({ revision }: { revision: number }) {
  const detail = useAnswer("policies/revision", { revision });
  return (
    <AnswerView answer={detail}>
      {({ textBefore, textAfter }) => <TextDiff before={textBefore} after={textAfter} />}
    </AnswerView>
  );
}
