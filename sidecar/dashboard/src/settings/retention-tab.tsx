import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import type { Retention } from "../../../src/dashboard/contract/settings.ts";
import { useAccess, useMay } from "../access/use-access.ts";
import { useAction } from "../api/use-action.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { FormError } from "../parts/form-error.tsx";

const DAY_SECS = 86_400;
const MOST_DAYS = 3650;

/** How long what has happened can be looked up. */
export function RetentionTab() {
  const retention = useAnswer("settings/retention", {});
  return <AnswerView answer={retention}>{(kept) => <RetentionForm key={kept.revision} kept={kept} />}</AnswerView>;
}

function RetentionForm({ kept }: { kept: Retention }) {
  const may = useMay();
  const { policyEdits } = useAccess();
  const canEdit = policyEdits && may("settings/set-retention");
  const [sessionDays, setSessionDays] = useState<string | number>(kept.endedSessionRetentionSecs / DAY_SECS);
  const [auditDays, setAuditDays] = useState<string | number>(kept.auditRetentionSecs / DAY_SECS);
  const save = useAction("settings/set-retention", {
    changes: ["settings", "policies"],
    onSuccess: () => notifications.show({ color: "teal", message: "The retention was changed." }),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate({
      endedSessionRetentionSecs: Math.round(Number(sessionDays) * DAY_SECS),
      auditRetentionSecs: Math.round(Number(auditDays) * DAY_SECS),
      expectedRevision: kept.revision,
    });
  }

  const common = { min: 0, max: MOST_DAYS, suffix: " days", required: true, disabled: !canEdit, decimalScale: 2 };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw="32rem">
        <NumberInput
          {...common}
          label="Ended sessions are kept for"
          description="So long they can be found here."
          value={sessionDays}
          onChange={setSessionDays}
        />
        <NumberInput
          {...common}
          label="Events are kept for"
          description="Timelines and the dashboard log. What is removed cannot be brought back."
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
