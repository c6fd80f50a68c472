import type { Queryable, Statement } from "../../engine/db/database.ts";
import { describeDevice } from "../../engine/policy/user-agent.ts";
import type { TimelineEvent } from "../contract/sessions.ts";

interface SessionRow {
  id: string;
  userAgent: string | null;
  createdAt: number;
}

const SESSIONS: Statement = {
  name: "dashboard-sessions-of-events",
  text: `SELECT id, user_agent AS "userAgent", floor(date_part('epoch', created_at)) AS "createdAt"
    FROM byo.sessions WHERE id = ANY($1::uuid[])`,
};

/** The same events, each with the session that it belongs to. */
export async function withSessions(db: Queryable, events: readonly TimelineEvent[]): Promise<TimelineEvent[]> {
  const ids = new Set(events.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId])));
  if (ids.size === 0) return [...events];
  const rows = await db.query<SessionRow>(SESSIONS, [[...ids]]);
  const known = new Map(rows.map(({ id, ...row }) => [id, row]));
  return events.map((event) => {
    const session = known.get(event.sessionId ?? "");
    if (!session) return event;
    const { userAgent, createdAt } = session;
    return { ...event, session: { device: describeDevice(userAgent ?? undefined), createdAt } };
  });
}
