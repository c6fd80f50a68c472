import { vi } from "vitest";
import type { TestSidecar } from "../../harness/test-sidecar.ts";

/** A row of the audit trail, with its time as the line on stdout has it. */
export interface AuditRow extends Record<string, unknown> {
  time: string;
  event: string;
  session_id: string | null;
  user_id: string | null;
  tags: string[] | null;
  ip_address: string | null;
  user_agent: string | null;
  actor: string | null;
  reason: string | null;
  details: Record<string, unknown> | null;
  count: number;
}

const COLUMNS = `to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time, event, session_id, user_id, tags,
  ip_address, user_agent, actor, reason, details, count`;

/** The audit trail of a session or a user, in its order. */
export function auditRows(
  { sql }: Pick<TestSidecar, "sql">,
  of: { sessionId: string } | { userId: string },
): Promise<AuditRow[]> {
  return "sessionId" in of
    ? sql<AuditRow>(`SELECT ${COLUMNS} FROM byo.audit_events WHERE session_id = $1 ORDER BY id`, [of.sessionId])
    : sql<AuditRow>(`SELECT ${COLUMNS} FROM byo.audit_events WHERE user_id = $1 ORDER BY id`, [of.userId]);
}

/** Waits for an event of a session: refusals are gathered for a second before they are written. */
export function auditRow(sidecar: Pick<TestSidecar, "sql">, sessionId: string, event: string): Promise<AuditRow> {
  return vi.waitFor(
    async () => {
      const row = (await auditRows(sidecar, { sessionId })).find((candidate) => candidate.event === event);
      if (!row) throw new Error(`The trail of the session has no ${event}.`);
      return row;
    },
    { timeout: 5000, interval: 100 },
  );
}
