import { randomUUID } from "node:crypto";
import { z } from "zod";
import { createDeliveryStore } from "../../engine/webhooks/delivery-store.ts";
import { messageName, secretsOf } from "../../engine/webhooks/dispatcher.ts";
import { createEndpointStore } from "../../engine/webhooks/endpoint-store.ts";
import { signedHeaders } from "../../engine/webhooks/signature.ts";
import { ADMINS, call } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { WebhookDeliveryPage, WebhookReplay, WebhookTest } from "../contract/webhooks.ts";
import { formatCursor, NUMBER, parseCursor } from "../cursor.ts";
import { cursor, text, yesOrNoInQuery } from "../fields.ts";
import { conflict } from "../refusal.ts";
import { unknown, type WebhookContext } from "./calls.ts";
import { webhookId } from "./endpoint-input.ts";

const PAGE_SIZE = 50;
/** Sent again by one call. */
const MAX_REPLAYED = 1000;

/** What was sent to an endpoint, and what is sent again. */
export const DELIVERY_CALLS = {
  /** Sends a message of the type `webhook.test` at once, and says what came of it. */
  "webhooks/test": call({
    method: "POST",
    access: ADMINS,
    password: "always",
    input: z.strictObject({ id: webhookId }),
    async handler({ id }, caller, { db, audit, envelope, webhooks }: WebhookContext): Promise<WebhookTest> {
      const [endpoint, listed] = await Promise.all([
        createEndpointStore(db).target(id),
        createEndpointStore(db).list(),
      ]);
      if (!endpoint) throw unknown();
      const name = listed.find((other) => other.id === id)?.name ?? id;
      await audit.write({ event: "WebhookTested", ...traceOf(caller), details: { endpointId: id, target: name } });
      const body = JSON.stringify({ type: "webhook.test", timestamp: new Date().toISOString(), data: {} });
      const message = { id: messageName(randomUUID()), body };
      const headers = signedHeaders(message, secretsOf(envelope, endpoint), Date.now());
      const { isDelivered, status, error } = await webhooks.post(endpoint.url, headers, body);
      return { isDelivered, status, error };
    },
  }),

  "webhooks/deliveries": call({
    method: "GET",
    access: ADMINS,
    input: z.strictObject({ id: webhookId, onlyGivenUp: yesOrNoInQuery.optional(), cursor: cursor.optional() }),
    async handler({ id, onlyGivenUp = false, cursor }, _caller, { db }: WebhookContext): Promise<WebhookDeliveryPage> {
      const [before = null] = parseCursor(cursor, [NUMBER]) ?? [];
      const rows = await createDeliveryStore(db).page(id, onlyGivenUp, before, PAGE_SIZE + 1);
      const items = rows.slice(0, PAGE_SIZE).map((row) => ({ ...row, messageId: messageName(row.messageId) }));
      const last = rows.length > PAGE_SIZE ? items.at(-1) : undefined;
      return { items, next: last ? formatCursor(last.id) : null };
    },
  }),

  /** One delivery, even one that was delivered; or all that were given up or wait for their next attempt. */
  "webhooks/replay": call({
    method: "POST",
    access: ADMINS,
    input: z.strictObject({
      id: webhookId,
      deliveryId: text(19).regex(NUMBER, { error: "expected the id of a delivery" }).optional(),
    }),
    async handler({ id, deliveryId }, caller, { audit }: WebhookContext): Promise<WebhookReplay> {
      return audit.transaction(async (tx, record) => {
        const name = (await createEndpointStore(tx).list()).find((endpoint) => endpoint.id === id)?.name;
        if (name === undefined) throw unknown();
        const deliveries = createDeliveryStore(tx);
        if (deliveryId !== undefined && !(await deliveries.replay(id, deliveryId)))
          throw conflict("It is being sent just now, or was deleted.");
        const replayed = deliveryId === undefined ? await deliveries.replayAll(id, MAX_REPLAYED) : 1;
        const details = { endpointId: id, target: name, count: replayed };
        record({ event: "WebhookReplayed", ...traceOf(caller), details });
        return { replayed, hasMore: replayed >= MAX_REPLAYED };
      });
    },
  }),
};
