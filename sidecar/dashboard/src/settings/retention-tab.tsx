import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import type { Retention } from "../../../src/dashboard/contract/settings.ts";
import { DOCUMENT_SETTINGS } from "../../../src/engine/policy/settings.ts";
import { useAccess, useMay } from "../access/use-access.ts";
import { useAction } from "../access/use-action.ts";
import { problemAt } from "../api/api-error.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { FormError } from "../parts/form-error.tsx";
import { DurationInput } from "../parts/typed-input.tsx";

/** As in `DurationInput`. */
type Typed = number | string | undefined;

/** How long ended sessions and events are kept. */
export function RetentionTab() {
  const retention = useAnswer("settings/retention", {});
  return <AnswerView answer={retention}>{(kept) => <RetentionForm key={kept.revision} kept={kept} />}</AnswerView>;
}

function RetentionForm({ kept }: { kept: Retention }) {
  const may = useMay();
  const { policyEdits } = useAccess();
  const canEdit = policyEdits && may("settings/set-retention");
  const [sessions, setSessions] = useState<Typed>(kept.ended_session_retention_secs);
  const [events, setEvents] = useState<Typed>(kept.audit_retention_secs);
  const save = useAction("settings/set-retention", {
    changes: ["settings", "policies"],
    onSuccess: () => notifications.show({ color: "teal", message: "Retention saved." }),
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    // A text that is no duration has its error at the field.
    if (typeof sessions !== "number" || typeof events !== "number") return;
    save.mutate({
      ended_session_retention_secs: sessions,
      audit_retention_secs: events,
      expectedRevision: kept.revision,
    });
  }

  const common = { required: true, disabled: !canEdit };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw="32rem">
        <DurationInput
          {...common}
          {...wordsOf(DOCUMENT_SETTINGS.ended_session_retention_secs)}
          value={sessions}
          problem={problemAt(save.error, "ended_session_retention_secs")}
          onChange={setSessions}
        />
        <DurationInput
          {...common}
          {...wordsOf(DOCUMENT_SETTINGS.audit_retention_secs)}
          value={events}
          problem={problemAt(save.error, "audit_retention_secs")}
          onChange={setEvents}
        />
        <FormError error={save.error} shownAt={["ended_session_retention_secs", "audit_retention_secs"]} />
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

function wordsOf({
  name,
  help,
  min,
  max,
}: (typeof DOCUMENT_SETTINGS)["audit_retention_secs" | "ended_session_retention_secs"]) {
  return { label: name, description: help, min, max };
}
