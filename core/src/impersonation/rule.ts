import type { RefusalReason } from "../answers/reasons.ts";
import { isUnsafe, type RequestView } from "../request/request-view.ts";

/**
 * What an employee who acts as a user may reach. `read-only`: requests that read (GET, HEAD, OPTIONS), and no WebSocket.
 */
export type ImpersonationRule = "refuse" | "read-only" | "allow";

export function isImpersonationRule(value: unknown): value is ImpersonationRule {
  return value === "refuse" || value === "read-only" || value === "allow";
}

/** Why an impersonated request may not pass; undefined if it may. */
export function refusalUnder(rule: ImpersonationRule, view: RequestView): RefusalReason | undefined {
  if (rule === "refuse") return "ImpersonationRefused";
  return rule === "read-only" && isUnsafe(view) ? "ImpersonationReadOnly" : undefined;
}
