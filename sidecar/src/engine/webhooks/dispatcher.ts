import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Database } from "../db/database.ts";
import type { Envelope } from "../keys/envelope.ts";
import { webhookSecretPurpose } from "../keys/sealed-places.ts";
import { waitAfter } from "./back-off.ts";
import { createDeliveryStore, type LeasedDelivery } from "./delivery-store.ts";
import { createEndpointStore, type EndpointTarget } from "./endpoint-store.ts";
import { payloadOf } from "./payload.ts";
import type { Attempt, Post } from "./post.ts";
import { signedHeaders } from "./signature.ts";

export interface WebhookMetrics {
  /** `given-up`: a failure after which there is no other attempt. */
  attempted(outcome: "delivered" | "failed" | "given-up"): void;
  /** For how long the oldest delivery that is due has been due, in seconds. */
  late(secs: number): void;
}

export interface DispatcherDependencies {
  db: Database;
  envelope: Envelope;
  post: Post;
  metrics: WebhookMetrics;
  log: Pick<Logger, "error">;
}

/** Attempts at once, for each endpoint and replica. */
const AT_ONCE = 8;
const ROUND_MS = 500;
/** Without an enabled endpoint, only whether there is one is asked. */
const IDLE_MS = 5_000;

/**
 * Sends what is due. Replicas share the work by leases: what a replica has leased when it is killed, others send once the
 * lease is over. The returned function stops it; deliveries under way are left to other replicas at once.
 */
export function startDispatcher({ db, envelope, post, metrics, log }: DispatcherDependencies): () => Promise<void> {
  const endpoints = createEndpointStore(db);
  const deliveries = createDeliveryStore(db);
  const stopping = new AbortController();
  const underWay = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const lease = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  let isWanted = false;

  function deliver(endpoint: EndpointTarget, delivery: LeasedDelivery): void {
    underWay.set(endpoint.id, (underWay.get(endpoint.id) ?? 0) + 1);
    const done = attempt(endpoint, delivery)
      // The lease ends by itself.
      .catch((error: unknown) => log.error({ err: error }, "a webhook could not be delivered; it is tried again"))
      .finally(() => {
        running.delete(done);
        underWay.set(endpoint.id, (underWay.get(endpoint.id) ?? 1) - 1);
        wake();
      });
    running.add(done);
  }

  async function attempt(endpoint: EndpointTarget, delivery: LeasedDelivery): Promise<void> {
    const body = payloadOf(delivery.type, delivery, endpoint.sendsClient);
    const headers = signedHeaders(
      { id: messageName(delivery.messageId), body },
      secretsOf(envelope, endpoint),
      Date.now(),
    );
    const made = await post(endpoint.url, headers, body, stopping.signal);
    if (made.isDelivered) {
      await deliveries.delivered(delivery.id, lease, made.status);
      metrics.attempted("delivered");
    } else if (stopping.signal.aborted) {
      await deliveries.release(delivery.id, lease);
    } else {
      await failed(delivery, made);
    }
  }

  async function failed({ id, attempts }: LeasedDelivery, made: Attempt): Promise<void> {
    const waitSecs = waitAfter(attempts, made.retryAfterSecs, Math.random());
    await deliveries.failed(id, lease, made, waitSecs);
    metrics.attempted(waitSecs === undefined ? "given-up" : "failed");
  }

  /** How long the next round may wait. */
  async function round(): Promise<number> {
    if (!(await endpoints.any())) return IDLE_MS;
    const due = await endpoints.due();
    metrics.late(Math.max(0, ...due.map(({ lateSecs }) => lateSecs)));
    for (const endpoint of due) {
      const free = AT_ONCE - (underWay.get(endpoint.id) ?? 0);
      if (free <= 0 || stopping.signal.aborted) continue;
      for (const { event, ...delivery } of await deliveries.lease(endpoint.id, free, lease)) {
        if (event === null) await deliveries.remove(delivery.id, lease);
        else deliver(endpoint, { ...delivery, event });
      }
    }
    return ROUND_MS;
  }

  function schedule(inMs: number): void {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      timer = undefined;
      isWanted = false;
      current = round()
        .catch((error: unknown) => {
          log.error({ err: error }, "due webhooks could not be read; they are read again");
          return IDLE_MS;
        })
        .then((waitMs) => schedule(isWanted ? 0 : waitMs));
    }, inMs).unref();
  }

  /** Another round at once: one more may be sent now, perhaps of the same session. */
  function wake(): void {
    isWanted = true;
    if (timer) schedule(0);
  }

  schedule(ROUND_MS);
  return async () => {
    stopping.abort();
    clearTimeout(timer);
    await current;
    await Promise.all(running);
  };
}

/** The id of a message, as the receiver sees it: the same in each attempt. */
export function messageName(messageId: string): string {
  return `msg_${messageId.replaceAll("-", "")}`;
}

/** The secrets that sign now, the newest first. */
export function secretsOf(envelope: Envelope, { id, secret, previousSecret }: EndpointTarget): Buffer[] {
  const sealed = previousSecret === null ? [secret] : [secret, previousSecret];
  return sealed.map((bytes) => envelope.open(webhookSecretPurpose(id), bytes));
}
