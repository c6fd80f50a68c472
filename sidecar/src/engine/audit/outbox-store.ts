import { TYPE_OF_EVENT } from "./published.ts";

// The names come from the closed list of events.
const TYPES = TYPE_OF_EVENT.map(({ event, type, onlyNewDevice }) => `('${event}', '${type}', ${onlyNewDevice})`).join(
  ", ",
);

/**
 * A part of the statement that writes events (`written`): what is to be sent of them is committed with them, so nothing is
 * lost and no event has to be looked for. Without an enabled endpoint it reads one empty table.
 */
export const QUEUE_WEBHOOKS = `
  INSERT INTO byo.webhook_deliveries (endpoint_id, event_id, session_id, type)
  SELECT e.id, w.id, w.session_id, t.type
  FROM byo.webhook_endpoints e CROSS JOIN written w
  JOIN (VALUES ${TYPES}) AS t (event, type, only_new_device) ON t.event = w.event
  WHERE e.disabled_at IS NULL AND w.is_new
    AND (NOT t.only_new_device OR w.details @> '{"newDeviceDetected": true}')
    AND (e.types IS NULL OR t.type = ANY (e.types))
    AND (e.end_reasons IS NULL OR t.type <> 'session.ended' OR w.reason = ANY (e.end_reasons))
    AND (e.tags IS NULL OR w.tags && e.tags)
  ORDER BY w.id, t.type`;
