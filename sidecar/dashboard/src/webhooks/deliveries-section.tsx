import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { WebhookInfo } from "../../../src/dashboard/contract/webhooks.ts";
import { useAction } from "../access/use-action.ts";
import { explain } from "../api/api-error.ts";
import { get } from "../api/call.ts";
import { usePages } from "../api/use-pages.ts";
import { AnswerView } from "../parts/answer-view.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { OlderButton } from "../parts/older-button.tsx";
import { Section } from "../parts/section.tsx";
import { DeliveryTable } from "./delivery-table.tsx";

/** What was sent to a webhook, and what came of it. */
export function DeliveriesSection({ webhook: { id, name, waiting, givenUp } }: { webhook: WebhookInfo }) {
  const [onlyGivenUp, setOnlyGivenUp] = useState(false);
  const deliveries = usePages(
    ["webhooks/deliveries", { id, onlyGivenUp }],
    (next, signal) =>
      get("webhooks/deliveries", { id, onlyGivenUp, ...(next !== null && { cursor: String(next) }) }, signal),
    { everyMs: 5_000 },
  );
  const replay = useAction("webhooks/replay", {
    changes: ["webhooks"],
    onSuccess: ({ replayed, hasMore }) =>
      notifications.show({
        color: "teal",
        message: `${replayed === 1 ? "1 message is" : `${replayed} messages are`} sent again.${hasMore ? " There are more: send again once more." : ""}`,
      }),
  });

  function send(deliveryId?: string) {
    replay.mutate(
      { id, ...(deliveryId !== undefined && { deliveryId }) },
      { onError: (error) => notifications.show({ color: "red", message: explain(error) }) },
    );
  }

  return (
    <Section
      title={`Deliveries of ${name}`}
      actions={
        <Group gap="sm">
          <Checkbox
            size="xs"
            label="Only given up"
            checked={onlyGivenUp}
            onChange={(event) => setOnlyGivenUp(event.currentTarget.checked)}
          />
          <Button size="xs" disabled={waiting + givenUp === 0} loading={replay.isPending} onClick={() => send()}>
            Send all again now
          </Button>
        </Group>
      }
    >
      <AnswerView answer={deliveries}>
        {({ items }) => (
          <Stack gap="sm">
            {items.length === 0 ? (
              <EmptyState title="No deliveries" />
            ) : (
              <DeliveryTable deliveries={items} onReplay={(deliveryId) => send(deliveryId)} />
            )}
            <OlderButton pages={deliveries}>Older deliveries</OlderButton>
          </Stack>
        )}
      </AnswerView>
    </Section>
  );
}
