import { Badge, Button, Table, Text } from "@mantine/core";
import type { WebhookDelivery } from "../../../src/dashboard/contract/webhooks.ts";
import { TableHead } from "../parts/table-head.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";

const STATES = {
  waiting: { name: "Waiting", color: "blue" },
  delivered: { name: "Delivered", color: "teal" },
  "given-up": { name: "Given up", color: "red" },
} as const;

interface DeliveryTableProps {
  deliveries: WebhookDelivery[];
  onReplay: (deliveryId: string) => void;
}

export function DeliveryTable({ deliveries, onReplay }: DeliveryTableProps) {
  return (
    <Table>
      <TableHead names={["Event", "State"]} hasActions />
      <Table.Tbody>
        {deliveries.map((delivery) => (
          <Table.Tr key={delivery.id}>
            <Table.Td>
              {delivery.sessionId === null ? (
                delivery.type
              ) : (
                <TextLink to={`/sessions/${delivery.sessionId}`}>{delivery.type}</TextLink>
              )}
              <Text size="xs" c="dimmed">
                <Timestamp time={delivery.createdAt} isRelative />
              </Text>
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={STATES[delivery.state].color} tt="none" radius="sm">
                {STATES[delivery.state].name}
              </Badge>
              <Outcome delivery={delivery} />
            </Table.Td>
            <Table.Td ta="right">
              <Button size="compact-xs" variant="default" onClick={() => onReplay(delivery.id)}>
                Send again
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Outcome({ delivery: { attempts, status, error, dueAt } }: { delivery: WebhookDelivery }) {
  const last = [...(status === null ? [] : [`answered ${status}`]), ...(error === null ? [] : [error])].join(": ");
  return (
    <>
      <Text size="xs" c="dimmed">
        {attempts === 1 ? "1 attempt" : `${attempts} attempts`}
        {last !== "" && `, ${last}`}
      </Text>
      {dueAt !== null && attempts > 0 && (
        <Text size="xs" c="dimmed">
          next attempt <Timestamp time={dueAt} isRelative />
        </Text>
      )}
    </>
  );
}
