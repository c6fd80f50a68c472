import type { CommandError } from "@byo-session/core/contract";
import type { AuditEvent, AuditEventName } from "../audit/event.ts";
import type { DeviceRefusal } from "./refusal-reason.ts";
import type { Standing } from "./standing.ts";

/** What a validation knows about the session's device key. */
export type DeviceEvidence =
  /** The session has no device. */
  | { kind: "unbound" }
  | { kind: "proved" }
  /** A device cookie from a recent proof: enough to read the session, and for nothing else. */
  | { kind: "recent" }
  /** The session has a device, but the application asked to skip the check. */
  | { kind: "ignored" }
  | { kind: "refused"; error: Extract<CommandError, { type: DeviceRefusal }> };

/** What a request presents beside the token. */
export interface Presentation {
  /** Canonical. */
  ipAddress: string | undefined;
  /** The application passed a text that is not an address. */
  isIpMalformed: boolean;
  userAgent: string | undefined;
  requiredTags: readonly string[];
  /** `ValidateAndRefreshSession`: only it hands out tokens. */
  refresh: boolean;
  /** Whether the request keeps the session from becoming inactive. Undefined: it does. No check depends on it. */
  activity?: "none" | "later" | undefined;
}

/** One try at a validation. */
export interface Attempt extends Standing {
  readonly presented: Presentation;
  readonly device: DeviceEvidence;
}

export function eventOf({ row, presented }: Attempt, event: AuditEventName, reason?: string): AuditEvent {
  return {
    event,
    sessionId: row.id,
    userId: row.userId,
    tags: row.tags,
    ...(presented.ipAddress !== undefined && { ipAddress: presented.ipAddress }),
    ...(presented.userAgent !== undefined && { userAgent: presented.userAgent }),
    ...(reason !== undefined && { reason }),
  };
}
