import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import type { WebhookMetrics } from "../webhooks/dispatcher.ts";

/** Metrics of webhooks. */
export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const attempts = new Counter({
    name: "byo_webhook_attempts_total",
    help: "Attempts to deliver a webhook, by what came of them. given-up: the last attempt failed too.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  const late = new Gauge({
    name: "byo_webhook_late_seconds",
    help: "How long the oldest due webhook has been waiting, as this replica last saw it.",
    registers: [registry],
  });
  // A series that begins with 1 has not grown, as far as Prometheus knows.
  for (const outcome of ["delivered", "failed", "given-up"]) attempts.inc({ outcome }, 0);
  return { attempted: (outcome) => attempts.inc({ outcome }), late: (secs) => late.set(secs) };
}
