import { randomUUID } from "node:crypto";
import type { TestSidecarOptions } from "../../../harness/sidecar-environment.ts";
import type { WebhookReceiver } from "../../../harness/webhook-receiver.ts";
import { type DashboardClient, startDashboard, type TestDashboard } from "../../dashboard/api/dashboard-client.ts";

/** What lets a sidecar send webhooks to this machine. */
export const SENDER_ENV = {
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
  WEBHOOK_PRIVATE_TARGETS: "127.0.0.1",
};

export function startSender({ env, ...options }: TestSidecarOptions = {}): Promise<TestDashboard> {
  return startDashboard({ ...options, env: { ...SENDER_ENV, ...env } });
}

/** Creates an endpoint for this receiver; returns its id. */
export async function addEndpoint(
  owner: DashboardClient,
  receiver: WebhookReceiver,
  choice: Record<string, unknown> = {},
): Promise<string> {
  const { status, body, text } = await owner.call("webhooks/create", {
    name: randomUUID(),
    url: receiver.url,
    ...choice,
  });
  if (status !== 200) throw new Error(`webhooks/create answered ${status}: ${text}`);
  receiver.secret = String(body.secret);
  return String(body.id);
}
