import type { TestDatabase } from "../../harness/test-database.ts";

/** How the sessions of a filled table are spread: the shares, of 1. */
export interface Filling {
  sessions: number;
  /** Audit events, of almost a year. */
  events: number;
  /** Devices, proofs, tickets, imported sessions, counts and dashboard logins, of each. */
  others: number;
  /** The share of the living sessions that expires within one hour; the others live for days. Default: 0. */
  expiring?: number;
}

const PER_BATCH = 250_000;
/** Keys first, as they are made again in this order. */
const INDEXES = `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make, 1 AS turn
  FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('p', 'u')
  UNION ALL
  SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 2
  FROM pg_index WHERE indrelid = $1::regclass AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
  ORDER BY turn, make`;

/**
 * Fills the tables as months of use would: 60 % of the sessions are living, the others ended during the last weeks. No
 * session and no event is past its retention. Keys and indexes are made afterwards: for millions of rows that is faster.
 */
export async function fillTables({ sql }: Pick<TestDatabase, "sql">, filling: Filling): Promise<void> {
  const { sessions, events, others, expiring = 0 } = filling;
  await Promise.all([
    fillTable(sql, "byo.sessions", SESSIONS, sessions, expiring),
    fillTable(sql, "byo.audit_events", EVENTS, events),
  ]);
  for (const text of OTHERS) await sql(text, [others]);
  for (const table of [
    "sessions",
    "audit_events",
    "devices",
    "used_proofs",
    "upgrade_tickets",
    "legacy_sessions",
    "counters",
    "webhook_deliveries",
  ]) {
    await sql(`VACUUM ANALYZE byo.${table}`);
  }
}

async function fillTable(sql: TestDatabase["sql"], table: string, insert: string, count: number, ...more: number[]) {
  const indexes = await sql<{ drop: string; make: string }>(INDEXES, [table]);
  for (const { drop } of indexes) await sql(drop);
  for (let from = 0; from < count; from += PER_BATCH) {
    await sql(insert, [from, Math.min(count, from + PER_BATCH) - 1, count, ...more]);
  }
  for (const { make } of indexes) await sql(`SET maintenance_work_mem = '1GB'; ${make}`);
}

const SESSIONS = `
  INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, ip_address, user_agent,
    last_ip_address, salt, gen, cur_hash, since, device_thumbprint, device_browser, device_os, device_type, ended_at, end_reason)
  SELECT gen_random_uuid(), 'user-' || (i * 7919 % greatest(1, $3::bigint / 5)), ARRAY['org:' || (i * 31 % 1000)], born,
    CASE WHEN isLiving THEN now() + CASE WHEN i % 1000 < $4::float8 * 1000 / 0.6 THEN interval '1 hour' * random()
      ELSE interval '1 day' + interval '13 days' * (i::float8 / $3) END ELSE born + interval '14 days' END,
    greatest(born, now() - interval '1 day'), address, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36',
    address, '\\x00'::bytea || sha256(int8send(i)), 1, sha256(int8send(i)), born, CASE WHEN i % 30 = 0 THEN 'thumbprint-' || i END,
    CASE WHEN i % 5 = 0 THEN 'Firefox' ELSE 'Chrome' END, CASE WHEN i % 3 = 0 THEN 'macOS' ELSE 'Windows' END, 'Desktop',
    CASE WHEN NOT isLiving THEN born + interval '2 days' * random() END,
    CASE WHEN NOT isLiving THEN CASE WHEN i % 7 = 0 THEN 'Expired' ELSE 'LoggedOut' END END
  FROM (SELECT i, i >= $3 * 0.4 AS isLiving,
      '10.' || (i % 251) || '.' || (i / 7 % 251) || '.' || (i / 11 % 251) AS address,
      now() - interval '1 day' - interval '21 days' * (($3 - i)::float8 / $3) AS born
    FROM generate_series($1::bigint, $2::bigint) AS i) AS numbered`;

const EVENTS = `
  INSERT INTO byo.audit_events (time, event, session_id, user_id, tags, ip_address, user_agent, actor, details)
  SELECT now() - interval '360 days' * (($3 - i)::float8 / $3), CASE i % 3 WHEN 0 THEN 'SessionCreated'
      WHEN 1 THEN 'SessionEnded' ELSE 'RotationConfirmed' END, gen_random_uuid(), 'user-' || (i * 7919 % greatest(1, $3::bigint / 5)),
    '{}', '10.0.0.1', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36', 'user',
    CASE WHEN i % 50 = 0 THEN '{"newDeviceDetected": true}'::jsonb END
  FROM generate_series($1::bigint, $2::bigint) AS i`;

// Proofs and tickets live for minutes. These outlive a test that moves the clock, so that the tables stay large.
const OTHERS = [
  `INSERT INTO byo.devices (user_hash, user_id, thumbprint, first_seen_at, last_seen_at)
   SELECT sha256(int8send(i / 3)), 'user-' || i / 3, 'thumbprint-' || i, now(), now() - interval '300 days' * random()
   FROM generate_series(1, $1::bigint) AS i`,
  `INSERT INTO byo.used_proofs (proof_hash, expires_at) SELECT sha256(int8send(i)), now() + interval '30 days' * (1 + random())
   FROM generate_series(1, $1::bigint) AS i`,
  `INSERT INTO byo.upgrade_tickets (ticket_hash, session_id, expires_at)
   SELECT sha256(int8send(i)), gen_random_uuid(), now() + interval '30 days' * (1 + random()) FROM generate_series(1, $1::bigint) AS i`,
  `INSERT INTO byo.legacy_sessions (legacy_id_hash, session_id)
   SELECT sha256(int8send(i)), gen_random_uuid() FROM generate_series(1, $1::bigint) AS i`,
  `INSERT INTO byo.webhook_deliveries (endpoint_id, event_id, session_id, type, created_at, due_at, delivered_at, given_up_at)
   SELECT md5((i % 5)::text)::uuid, i, gen_random_uuid(), 'session.created', at,
     CASE WHEN i % 10 = 0 THEN now() + interval '1 day' * random() END, CASE WHEN i % 10 > 1 THEN at END,
     CASE WHEN i % 10 = 1 THEN at END
   FROM generate_series(1, $1::bigint) AS i, LATERAL (SELECT now() - interval '5 days' * random() AS at) AS made`,
  `INSERT INTO byo.counters (bucket, name, count)
   SELECT to_timestamp(floor(date_part('epoch', now()) / 300) * 300) - interval '5 minutes' * i, 'created', 1
   FROM generate_series(1, least($1::bigint, 100000)) AS i`,
];
