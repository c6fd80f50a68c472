import type { AuditEvent } from "../audit/event.ts";
import type { ImpersonationEndReason } from "./end-reasons.ts";
import type { ImpersonationRow } from "./store.ts";

/** Who ended an impersonation; `details` and `actor` as in the audit trail. */
export interface ImpersonationEndContext {
  actor: string;
  details?: Record<string, unknown>;
}

/** The person behind an impersonation, for the audit trail. */
export function employeeActor(employeeEmail: string): string {
  return `employee:${employeeEmail}`;
}

/** What every event of an impersonation says: whom (`userId`), who and which (`details`). */
export function subjectOf({
  id,
  employeeEmail,
  targetUserId,
}: Pick<ImpersonationRow, "id" | "employeeEmail" | "targetUserId">): {
  userId: string;
  details: Record<string, unknown>;
} {
  return { userId: targetUserId, details: { impersonationId: id, employeeEmail } };
}

export function endedEvent(
  row: Pick<ImpersonationRow, "id" | "employeeEmail" | "targetUserId">,
  reason: ImpersonationEndReason,
  { actor, details }: ImpersonationEndContext,
): AuditEvent {
  const subject = subjectOf(row);
  return { event: "ImpersonationEnded", ...subject, actor, reason, details: { ...details, ...subject.details } };
}
