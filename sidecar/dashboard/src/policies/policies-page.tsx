import { Alert, Badge, Button, Group, Stack, Tabs } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useNavigate, useParams } from "react-router";
import type { CurrentPolicies } from "../../../src/dashboard/contract/policies.ts";
import { useMay } from "../access/use-access.ts";
import { hrefOf } from "../api/call.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { PageHeader } from "../parts/page-header.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { DraftBar } from "./draft-bar.tsx";
import { ExplainPanel } from "./explain-panel.tsx";
import { OverlaySection } from "./overlay-section.tsx";
import { PolicyEditor } from "./policy-editor.tsx";
import { PolicyForm } from "./policy-form.tsx";
import { RevisionsPanel } from "./revisions-panel.tsx";
import { usePolicyDraft } from "./use-policy-draft.ts";

const REFRESH_MS = 5_000;
const TABS = [
  ["form", "Form"],
  ["text", "JSONC"],
  ["explain", "What would apply?"],
  ["revisions", "Revisions"],
] as const;

export default function PoliciesPage() {
  const current = useAnswer("policies/current", {}, { everyMs: REFRESH_MS });
  return <AnswerView answer={current}>{(policies) => <Policies current={policies} />}</AnswerView>;
}

function Policies({ current }: { current: CurrentPolicies }) {
  const { tab = "form" } = useParams();
  const navigate = useNavigate();
  const may = useMay();
  const draft = usePolicyDraft(current);
  const canEdit = current.edits && may("policies/save");

  return (
    <>
      <PageHeader title="Policies" description={<Origin current={current} />}>
        <Button
          component="a"
          href={hrefOf("policies/export", {})}
          download
          variant="default"
          size="xs"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Download as file
        </Button>
      </PageHeader>
      <Stack gap="md">
        {!current.edits && (
          <Alert variant="light" color="gray" title="Edits are made in the file">
            This sidecar does not accept policy edits from the dashboard. Only the file applies.
          </Alert>
        )}
        {canEdit && (draft.isChanged || draft.isOutdated) && <DraftBar current={current} draft={draft} />}
        <Tabs value={tab} onChange={(chosen) => navigate(`/policies/${chosen}`)} keepMounted={false}>
          <Tabs.List mb="md">
            {TABS.map(([value, name]) => (
              <Tabs.Tab key={value} value={value}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="form">
            <Stack gap="md">
              <OverlaySection current={current} />
              <PolicyForm text={draft.text} onChange={canEdit ? draft.change : undefined} />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="text">
            <PolicyEditor text={draft.text} onChange={canEdit ? draft.change : undefined} />
          </Tabs.Panel>
          <Tabs.Panel value="explain">
            <ExplainPanel draftText={draft.isChanged ? draft.text : undefined} />
          </Tabs.Panel>
          <Tabs.Panel value="revisions">
            <RevisionsPanel current={current} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </>
  );
}

function Origin({ current }: { current: CurrentPolicies }) {
  const { revision, author, editedAt } = current;
  if (revision === 0) return "Same as the file: nothing has been changed here.";
  return (
    <Group gap="xs">
      <Badge variant="light" tt="none" radius="sm">
        Revision {revision}
      </Badge>
      <span>
        by {author}
        {editedAt !== null && (
          <>
            , <Timestamp time={editedAt} isRelative />
          </>
        )}
      </span>
    </Group>
  );
}
