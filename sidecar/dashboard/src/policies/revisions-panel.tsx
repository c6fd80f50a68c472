import { Group, Paper, Stack, Text } from "@mantine/core";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { whyMissing } from "../api/away.ts";
import { get } from "../api/call.ts";
import { usePages } from "../api/use-pages.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorState } from "../parts/error-state.tsx";
import { OlderButton } from "../parts/older-button.tsx";
import { PageLoader } from "../parts/page-loader.tsx";
import { RevisionEntry } from "./revision-entry.tsx";
import { RollbackButton } from "./rollback-button.tsx";

/** Who changed what, with a button to roll back to each revision. */
export function RevisionsPanel({ current }: { current: CurrentPolicies }) {
  const pages = usePages(["policies/revisions", current.revision], (next, signal) =>
    get("policies/revisions", next === null ? {} : { before: Number(next) }, signal),
  );
  const missing = whyMissing(pages);
  if (missing !== null) return <ErrorState error={missing} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <PageLoader />;
  const revisions = pages.data.items;
  if (revisions.length === 0) return <EmptyState title="No revisions">Only the file applies.</EmptyState>;
  return (
    <Stack gap="sm">
      {revisions.map((revision) => (
        <RevisionEntry key={revision.revision} revision={revision} current={current} />
      ))}
      {pages.hasNextPage ? (
        <OlderButton pages={pages}>Show older revisions</OlderButton>
      ) : (
        <Paper withBorder p="sm">
          <Group justify="space-between">
            <Text size="sm">Before the first revision: the file alone</Text>
            <RollbackButton revision={0} current={current} />
          </Group>
        </Paper>
      )}
    </Stack>
  );
}
