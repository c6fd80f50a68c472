import { Badge, Button, Group, Table, Text } from "@mantine/core";
import type { WebhookInfo, WebhookSecret } from "../../../src/dashboard/contract/webhooks.ts";
import { TableHead } from "../parts/table-head.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { DeleteWebhookButton } from "./delete-webhook-button.tsx";
import { RotateSecretButton } from "./rotate-secret-button.tsx";
import { TestWebhookButton } from "./test-webhook-button.tsx";
import classes from "./webhooks.module.css";

interface WebhookTableProps {
  webhooks: WebhookInfo[];
  onEdit: (webhook: WebhookInfo) => void;
  onSecret: (secret: WebhookSecret) => void;
  /** Shows what was sent, or hides it. */
  onOpen: (webhook: WebhookInfo) => void;
}

export function WebhookTable({ webhooks, onEdit, onSecret, onOpen }: WebhookTableProps) {
  return (
    <Table>
      <TableHead names={["Webhook", "State"]} hasActions />
      <Table.Tbody>
        {webhooks.map((webhook) => (
          <Table.Tr key={webhook.id}>
            <Table.Td>
              {webhook.name}
              <Text size="xs" c="dimmed" className={classes.url}>
                {webhook.url}
              </Text>
              <Text size="xs" c="dimmed">
                {choiceOf(webhook)}
              </Text>
            </Table.Td>
            <Table.Td>
              <State webhook={webhook} />
            </Table.Td>
            <Table.Td>
              <Group gap={4} justify="flex-end">
                <TestWebhookButton webhook={webhook} />
                <Button size="compact-xs" variant="default" onClick={() => onOpen(webhook)}>
                  Deliveries
                </Button>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => onEdit(webhook)}
                  aria-label={`Edit ${webhook.name}`}
                >
                  Edit…
                </Button>
                <RotateSecretButton webhook={webhook} onSecret={onSecret} />
                <DeleteWebhookButton webhook={webhook} />
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function State({ webhook: { isDisabled, waiting, givenUp, previousUntil } }: { webhook: WebhookInfo }) {
  return (
    <>
      <Badge variant="light" color={isDisabled ? "gray" : "teal"} tt="none" radius="sm">
        {isDisabled ? "Disabled" : "Enabled"}
      </Badge>
      {waiting > 0 && <Text size="xs">{atMost(waiting)} waiting</Text>}
      {givenUp > 0 && (
        <Text size="xs" fw={550}>
          {atMost(givenUp)} given up
        </Text>
      )}
      {previousUntil !== null && (
        <Text size="xs" c="dimmed">
          the previous secret signs too, until <Timestamp time={previousUntil} />
        </Text>
      )}
    </>
  );
}

/** The server does not count further. */
function atMost(count: number): string {
  return count >= 1000 ? "1000 or more" : String(count);
}

function choiceOf({ types, endReasons, tags, sendsClient }: WebhookInfo): string {
  return [
    types?.join(", ") ?? "All events",
    ...(endReasons ? [`ends: ${endReasons.join(", ")}`] : []),
    ...(tags ? [`tags: ${tags.join(", ")}`] : []),
    ...(sendsClient ? ["with addresses"] : []),
  ].join("; ");
}
