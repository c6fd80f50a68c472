import type { CollectionStep } from "../garbage-collection/step.ts";
import { createDeliveryStore } from "./delivery-store.ts";
import { createEndpointStore } from "./endpoint-store.ts";

/**
 * What the collection deletes of webhooks: deliveries a week after they were made, and whatever became of them at the end of
 * the retention of the events that they are about.
 */
export function webhookSteps(auditRetentionSecs: () => number): CollectionStep[] {
  return [
    {
      name: "delete_webhook_deliveries",
      batch: ({ tx, from, size }) => createDeliveryStore(tx).deleteDelivered(from, size),
    },
    {
      name: "delete_old_webhook_deliveries",
      batch: ({ tx, from, size }) => createDeliveryStore(tx).deleteOld(auditRetentionSecs(), from, size),
    },
    {
      name: "delete_webhook_endpoints",
      async batch({ tx, size }) {
        const count = await createEndpointStore(tx).deleteRest(size);
        return { count, next: count < size ? null : "more" };
      },
    },
    {
      name: "forget_webhook_secrets",
      batch: async ({ tx }) => ({ count: await createEndpointStore(tx).forgetSecrets(), next: null }),
    },
  ];
}
