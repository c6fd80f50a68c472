import type { AuditEvent, AuditEventName } from "../../audit/event.ts";
import type { Policy } from "../../policy/policy.ts";
import type { SessionRow } from "../session.ts";
import type { Presentation } from "./decide.ts";

/** One try at a validation: the row as it was read, and what was presented. */
export interface Attempt {
  row: SessionRow;
  policy: Policy;
  presented: Presentation;
  /** Opened only where the chain is walked: most validations need no salt. */
  salt: () => Buffer;
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
