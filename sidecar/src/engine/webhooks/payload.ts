import { publishedDetails } from "../audit/published.ts";

/** An event of the audit trail, as a delivery reads it. */
export interface PublishedEvent {
  event: string;
  /** ISO 8601, in UTC. */
  time: string;
  sessionId: string | null;
  userId: string | null;
  tags: string[] | null;
  actor: string | null;
  reason: string | null;
  browser: string | null;
  os: string | null;
  deviceType: string | null;
  ipAddress: string | null;
  userAgent: string | null;
  details: Record<string, unknown> | null;
}

/**
 * The body of a webhook. It is made again for each attempt, so that data which was erased meanwhile is not sent.
 * `withClient`: whether it has the address and the user agent.
 */
export function payloadOf(type: string, event: PublishedEvent, withClient: boolean): string {
  const { sessionId, userId, tags, actor, reason, browser, os, deviceType, ipAddress, userAgent } = event;
  const device = withoutNulls({ browser, os, type: deviceType });
  const data = {
    ...withoutNulls({ sessionId, userId, tags, actor, reason }),
    ...(Object.keys(device).length > 0 && { device }),
    ...publishedDetails(event.event, event.details),
    ...(withClient && withoutNulls({ ipAddress, userAgent })),
  };
  return JSON.stringify({ type, timestamp: event.time, data });
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
