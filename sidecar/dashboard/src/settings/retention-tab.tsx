import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import type { Retention } from "../../../src/dashboard/contract/settings.ts";
import { DOCUMENT_SETTINGS } from "../../../src/engine/policy/settings.ts";
import { useAccess, useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { FormError } from "../parts/form-error.tsx";

const DAY_SECS = 86_400;

/** How long ended sessions and events are kept. */
export function RetentionTab() {
  const retention = useAnswer("settings/retention", {});
  return <AnswerView answer={retention}>{(kept) => <RetentionForm key={kept.revision} kept={kept} />}</AnswerView>;
}

function RetentionForm({ kept }: { kept: Retention }) {
  const may = useMay();
  const { policyEdits } = useAccess();
  const canEdit = policyEdits && may("settings/set-retention");
  const [sessionDays, setSessionDays] = useState<string | number>(kept.ended_session_retention_secs / DAY_SECS);
  const [auditDays, setAuditDays] = useState<string | number>(kept.audit_retention_secs / DAY_SECS);
  const save = useAction("settings/set-retention", {
    changes: ["settings", "policies"],
    onSuccess: () => notifications.show({ color: "teal", message: "Retention saved." }),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate({
      ended_session_retention_secs: Math.round(Number(sessionDays) * DAY_SECS),
      audit_retention_secs: Math.round(Number(auditDays) * DAY_SECS),
      expectedRevision: kept.revision,
    });
  }

  const common = { suffix: " days", required: true, disabled: !canEdit, decimalScale: 2 };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw="32rem">
        <NumberInput
          {...common}
          {...inDays(DOCUMENT_SETTINGS.ended_session_retention_secs)}
          value={sessionDays}
          onChange={setSessionDays}
        />
        <NumberInput
          {...common}
          {...inDays(DOCUMENT_SETTINGS.audit_retention_secs)}
          value={auditDays}
          onChange={setAuditDays}
        />
        <FormError error={save.error} />
        {canEdit ? (
          <Group>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {policyEdits ? "An admin can change this." : "Set in the configuration file."}
          </Text>
        )}
      </Stack>
    </form>
  );
}

function inDays({
  name,
  help,
  min,
  max,
}: (typeof DOCUMENT_SETTINGS)["audit_retention_secs" | "ended_session_retention_secs"]) {
  return { label: name, description: help, min: min / DAY_SECS, max: max / DAY_SECS };
}
