import type { EndReason } from "@byo-session/core/contract";
import type { AuditEvent } from "../../audit/event.ts";
import type { Queryable } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";
import { createEndStore } from "./store.ts";

/** Who ended the session and from where, for the audit trail. */
export interface EndContext {
  actor: string;
  ipAddress?: string | undefined;
  userAgent?: string | undefined;
  details?: Record<string, unknown>;
}

/** Ends a session within a transaction and records it; false if it has ended already. */
export async function endSession(
  tx: Queryable,
  record: (event: AuditEvent) => void,
  row: Pick<SessionRow, "id" | "userId" | "tags">,
  reason: EndReason,
  context: EndContext,
): Promise<boolean> {
  const ended = await createEndStore(tx).end(row.id, reason);
  if (ended) record(endedEvent(row, reason, context));
  return ended;
}

/** The same for many at once, whose rows the transaction holds. Returns how many it has ended. */
export async function endSessions(
  tx: Queryable,
  record: (event: AuditEvent) => void,
  rows: readonly Pick<SessionRow, "id" | "userId" | "tags">[],
  reason: EndReason,
  context: EndContext,
): Promise<number> {
  if (rows.length === 0) return 0;
  const ended = await createEndStore(tx).endMany(
    rows.map(({ id }) => id),
    reason,
  );
  for (const row of rows) if (ended.has(row.id)) record(endedEvent(row, reason, context));
  return ended.size;
}

export function endedEvent(
  row: Pick<SessionRow, "id" | "userId" | "tags">,
  reason: EndReason,
  { actor, ipAddress, userAgent, details }: EndContext,
): AuditEvent {
  return {
    event: "SessionEnded",
    sessionId: row.id,
    userId: row.userId,
    tags: row.tags,
    ...(ipAddress !== undefined && { ipAddress }),
    ...(userAgent !== undefined && { userAgent }),
    actor,
    reason,
    ...(details && { details }),
  };
}
