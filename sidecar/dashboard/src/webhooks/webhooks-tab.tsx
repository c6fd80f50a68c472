import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { WebhookInfo, WebhookSecret } from "../../../src/dashboard/contract/webhooks.ts";
import { useMay } from "../access/use-access.ts";
import { useAnswer } from "../api/use-answer.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ShownOnce } from "../parts/shown-once.tsx";
import { DeliveriesSection } from "./deliveries-section.tsx";
import { WebhookDialog } from "./webhook-dialog.tsx";
import { WebhookTable } from "./webhook-table.tsx";

/** Where the sidecar tells other systems what happened. */
export function WebhooksTab() {
  const may = useMay();
  const webhooks = useAnswer("webhooks/list", {}, { everyMs: 15_000 });
  const [edited, setEdited] = useState<WebhookInfo | "new">();
  const [secret, setSecret] = useState<WebhookSecret>();
  const [opened, setOpened] = useState<string>();
  return (
    <AnswerView answer={webhooks}>
      {({ items, types, endReasons, canBeCreated }) => {
        const shown = items.find(({ id }) => id === opened);
        return (
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              The sidecar sends events to these URLs, signed as Standard Webhooks describes. Without a confirmation it
              sends them again.
            </Text>
            {secret && (
              <ShownOnce title="The secret of the webhook" value={secret.secret} onDone={() => setSecret(undefined)} />
            )}
            {may("webhooks/create") && canBeCreated && (
              <Button size="xs" onClick={() => setEdited("new")} w="fit-content">
                New webhook…
              </Button>
            )}
            {!canBeCreated && (
              <Text size="sm">Set ENCRYPTION_KEY first: secrets are stored only in encrypted form.</Text>
            )}
            {edited && (
              <WebhookDialog
                edited={edited === "new" ? undefined : edited}
                types={types}
                endReasons={endReasons}
                onClose={() => setEdited(undefined)}
                onCreated={setSecret}
              />
            )}
            {items.length === 0 ? (
              <EmptyState title="No webhooks">Nothing is sent to other systems.</EmptyState>
            ) : (
              <WebhookTable
                webhooks={items}
                onEdit={setEdited}
                onSecret={setSecret}
                onOpen={({ id }) => setOpened(id === opened ? undefined : id)}
              />
            )}
            {shown && <DeliveriesSection key={shown.id} webhook={shown} />}
          </Stack>
        );
      }}
    </AnswerView>
  );
}
