import type { TestDatabase } from "../../../harness/test-database.ts";

/**
 * Sessions as a busy month of a service would leave them: most have ended, some tags, browsers and reasons are common, some
 * rare, and some filters match nothing. The same ones each time, none of them of the last day. None is past its life or its
 * retention, so that a sidecar that starts on them finds nothing to clear away.
 */
export async function insertSessions({ sql }: Pick<TestDatabase, "sql">, count: number): Promise<void> {
  const perBatch = 50_000;
  for (let from = 0; from < count; from += perBatch) {
    await sql(INSERT, [from, Math.min(count, from + perBatch) - 1, count]);
  }
  await sql(COUNT);
  await sql("VACUUM ANALYZE byo.sessions, byo.counters");
}

const INSERT = `
  INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, ip_address, user_agent,
    last_ip_address, salt, gen, cur_hash, since, device_thumbprint, device_browser, device_os, device_type, ended_at, end_reason)
  SELECT overlay(overlay(md5('session' || i) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid, 'user-' || (i * 7919 % ($3 / 5)),
    array_remove(ARRAY['org:' || (i * 31 % 1000), CASE WHEN i % 2 = 0 THEN 'type:common' END,
      CASE WHEN i % 20011 = 0 THEN 'type:rare' END], NULL),
    born, born + interval '365 days', born + interval '1 hour', '10.' || (i % 251) || '.' || (i / 7 % 251) || '.' || (i / 11 % 251),
    CASE i % 4 WHEN 0 THEN $$Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36$$ ELSE 'agent ' || i % 4 END,
    CASE WHEN i % 500 = 0 THEN '172.16.' || (i % 200) || '.9' ELSE
      '10.' || (i % 251) || '.' || (i / 7 % 251) || '.' || (i / 11 % 251) END,
    'salt', 1, 'hash', born, CASE WHEN i % 3001 = 0 THEN 'thumbprint' END,
    CASE WHEN i % 997 = 0 THEN 'Opera' WHEN i % 5 = 0 THEN 'Firefox' WHEN i % 3 = 0 THEN 'Safari' ELSE 'Chrome' END,
    CASE WHEN i % 4001 = 0 THEN 'Chrome OS' WHEN i % 3 = 0 THEN 'macOS' ELSE 'Windows' END,
    CASE WHEN i % 101 = 0 THEN 'Tablet' WHEN i % 4 = 0 THEN 'Mobile' ELSE 'Desktop' END,
    CASE WHEN i % 10 < 7 THEN born + interval '2 days' END,
    CASE WHEN i % 10 < 7 THEN CASE WHEN i % 9973 = 0 THEN 'TokenReused' WHEN i % 499 = 0 THEN 'UserAgentChanged'
      WHEN i % 10 < 3 THEN 'LoggedOut' ELSE 'Expired' END END
  FROM (SELECT i, now() - (CASE WHEN i % 10 < 7 THEN interval '25 days' ELSE interval '11 days' END)
      * (($3 - i)::float8 / $3) - (CASE WHEN i % 10 < 7 THEN interval '4 days' ELSE interval '2 days' END) AS born
    FROM generate_series($1::bigint, $2::bigint) AS i) AS numbered`;

/** What the charts show, as the sidecar would have counted it. */
const COUNT = `
  INSERT INTO byo.counters (bucket, name, count)
  SELECT to_timestamp(floor(date_part('epoch', at) / 300) * 300), name, count(*)
  FROM (SELECT created_at AS at, 'created' AS name FROM byo.sessions
    UNION ALL SELECT ended_at, 'ended:' || end_reason FROM byo.sessions WHERE ended_at IS NOT NULL) AS happened
  GROUP BY 1, 2`;
