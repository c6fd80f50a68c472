import { randomUUID } from "node:crypto";
import type { CreatedImpersonation, CreateImpersonationData } from "@byo-session/core/contract";
import { expect, vi } from "vitest";
import type { CommandAnswer, SidecarClient } from "../../../harness/sidecar-client.ts";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";

export const CONFIG_FILE = "user_impersonation.jsonc";
export const JOE = "joe@example.com";
/** Of the employee's browser. */
export const CLIENT = { userAgent: "support-desk/1", ipAddress: "192.0.2.1" };
/** Joe and nobody else may act as users. */
export const JOE_MAY = { enabled: true, who_can_impersonate: { allowed_employee_emails: [JOE] } };

/** Changes the configuration of a running sidecar and waits until it applies. */
export async function configure(sidecar: TestSidecar, config: object): Promise<void> {
  const changes = () => sidecar.logs().filter(({ event }) => event === "ConfigChanged").length;
  const before = changes();
  // The comment makes each text another one.
  await sidecar.writeConfig(`// ${randomUUID()}\n${JSON.stringify(config)}`, CONFIG_FILE);
  await vi.waitUntil(() => changes() > before, { timeout: 5000, interval: 50 });
}

/** Joe acts as a new user. */
export async function impersonate(
  sidecar: Pick<SidecarClient, "run">,
  data: Partial<CreateImpersonationData> = {},
): Promise<CreatedImpersonation & { targetUserId: string; token: string }> {
  const targetUserId = data.targetUserId ?? randomUUID();
  const created = await sidecar.run("CreateImpersonationSession", {
    ...{ employeeEmail: JOE, ...CLIENT, ...data },
    targetUserId,
  });
  return { ...created, targetUserId, token: created.impersonationSessionToken };
}

export function validate(
  sidecar: Pick<SidecarClient, "command">,
  impersonationToken: string,
  data: object = {},
): Promise<CommandAnswer> {
  return sidecar.command("ValidateImpersonationSession", { impersonationToken, ...CLIENT, ...data });
}

export const OVER = { status: 404, body: { type: "SessionNotFound" } };

export function invalid(word: string): CommandAnswer {
  return { status: 401, body: { type: "InvalidImpersonationToken", details: word } };
}

export function unauthorized(word: string): unknown {
  return { status: 403, body: { type: "UnauthorizedEmployee", details: expect.stringMatching(`^${word}: `) } };
}
