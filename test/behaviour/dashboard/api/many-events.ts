import type { TestDatabase } from "../../../harness/test-database.ts";

/**
 * Five events for each session of `insertSessions`, most of them routine, from the session's own address and browser. Some
 * are an attacker's: at addresses and with browsers that no session has logged in with, over few or many sessions, and one
 * address that has tried the same few sessions a hundred thousand times.
 */
export async function insertEvents({ sql }: Pick<TestDatabase, "sql">): Promise<void> {
  // Filling a table and then its indexes takes a third of the time.
  const indexes = await sql<{ name: string; definition: string }>(INDEXES);
  for (const { name } of indexes) await sql(`DROP INDEX byo.${name}`);
  await sql(OF_EACH_SESSION);
  await sql(HAMMERED);
  await sql(LOGGED);
  for (const { definition } of indexes) await sql(definition);
  await sql("VACUUM ANALYZE byo.audit_events");
}

const INDEXES = `
  SELECT indexname AS name, indexdef AS definition FROM pg_indexes
  WHERE schemaname = 'byo' AND tablename = 'audit_events' AND indexdef NOT LIKE '% UNIQUE %'`;

const COLUMNS = `time, event, session_id, user_id, ip_address, user_agent, device_browser, device_os, device_type, actor, reason,
  details`;

const OF_EACH_SESSION = `
  INSERT INTO byo.audit_events (${COLUMNS})
  SELECT created_at + k * interval '7 minutes',
    CASE WHEN k = 0 THEN 'SessionCreated' WHEN k = 4 AND ended_at IS NOT NULL THEN 'SessionEnded'
      WHEN k = 3 AND n % 2000 = 0 THEN 'SessionShared' WHEN k = 3 AND n % 50 = 0 THEN 'SessionRefused'
      WHEN k % 2 = 1 THEN 'RotationStarted' ELSE 'RotationConfirmed' END,
    id, user_id,
    CASE WHEN k = 3 AND n % 50 = 0 THEN '172.30.' || (n / 50 % 250) || '.' || (n / 12500 % 250) ELSE ip_address END,
    user_agent,
    CASE WHEN k = 3 AND n % 2500 = 0 THEN 'Lynx' WHEN k = 3 AND n % 60 = 0 THEN 'Vivaldi' ELSE device_browser END,
    device_os, device_type, 'user', CASE WHEN k = 4 THEN end_reason END,
    CASE WHEN k = 0 AND n % 97 = 0 THEN '{"newDeviceDetected": true}'::jsonb END
  FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM byo.sessions) AS numbered, generate_series(0, 4) AS k`;

const HAMMERED = `
  INSERT INTO byo.audit_events (time, event, session_id, user_id, ip_address, reason)
  SELECT now() - i * interval '20 seconds', 'SessionRefused', id, user_id, '198.18.0.99', 'DeviceVerificationRequired'
  FROM (SELECT id, user_id FROM byo.sessions LIMIT 10) AS victims, generate_series(1, 10000) AS i`;

const LOGGED = `
  INSERT INTO byo.audit_events (time, event, ip_address, actor, details)
  SELECT now() - i * interval '3 minutes', 'DashboardLogin', '203.0.113.1', 'dashboard:person-' || i % 50, NULL
  FROM generate_series(1, 10000) AS i`;
