import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { WebhookInfo } from "../../../src/dashboard/contract/webhooks.ts";
import { useAction } from "../access/use-action.ts";
import { explain } from "../api/api-error.ts";

/** Sends a message of the type `webhook.test`, and says what came of it. */
export function TestWebhookButton({ webhook: { id, name } }: { webhook: WebhookInfo }) {
  const test = useAction("webhooks/test", {
    onSuccess: ({ isDelivered, status, error }) => {
      const answered = status === null ? "" : ` The receiver answered ${status}.`;
      notifications.show({
        color: isDelivered ? "teal" : "red",
        message: isDelivered ? `${name} works.${answered}` : `${name} does not work: ${error}.${answered}`,
      });
    },
  });

  function start() {
    test.mutate({ id }, { onError: (error) => notifications.show({ color: "red", message: explain(error) }) });
  }

  return (
    <Button size="compact-xs" variant="default" loading={test.isPending} onClick={start} aria-label={`Test ${name}`}>
      Test
    </Button>
  );
}
