import pg from "pg";
import { DATABASES, type Servers } from "./servers.ts";

/** The secret of a filled session's token, so that we can create a token for any of them. */
const SECRET = "sha256(convert_to(id::text, 'UTF8'))";
const BATCH = 100_000;

/** Fills the session table up to this many rows, each with its own id, salt and hash. */
export async function fillSessions(servers: Servers, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: servers.postgres.urlOf(DATABASES.byo) });
  await client.connect();
  try {
    const { rows: counted } = await client.query<{ count: number }>("SELECT count(*)::int FROM byo.sessions");
    for (let missing = rows - (counted[0]?.count ?? 0); missing > 0; missing -= BATCH) {
      await client.query(
        `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
         SELECT id, 'filled-' || id, '{}', now(), now() + interval '14 days', now(), sha256(uuid_send(id)), 1,
                sha256(${SECRET}), now()
         FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1::int)) AS made`,
        [Math.min(missing, BATCH)],
      );
    }
    await client.query("VACUUM ANALYZE byo.sessions");
  } finally {
    await client.end();
  }
}

/** Tokens of filled sessions, spread over the table. */
export async function sampleTokens(servers: Servers, count: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: servers.postgres.urlOf(DATABASES.byo) });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; secret: Buffer }>(
      `SELECT id, ${SECRET} AS secret FROM byo.sessions WHERE user_id LIKE 'filled-%' AND random() < $1 LIMIT $2`,
      [Math.min(1, (2 * count) / (await countOf(client))), count],
    );
    return rows.map(({ id, secret }) => {
      const bytes = Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");
      return `byo_sess_${bytes}.00000001.${"A".repeat(22)}.${secret.toString("base64url")}`;
    });
  } finally {
    await client.end();
  }
}

async function countOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>("SELECT count(*)::int FROM byo.sessions");
  return Math.max(1, rows[0]?.count ?? 1);
}

/** The same for the other libraries' tables, which their apps create at the start. */
export async function fillPeers(servers: Servers, rows: number): Promise<void> {
  await run(servers, DATABASES.peers, [
    `INSERT INTO "session" (sid, sess, expire)
     SELECT 'filled-' || md5(i::text), '{"cookie":{"originalMaxAge":1209600000,"httpOnly":true,"path":"/"},"userId":"bench"}',
            now() + interval '14 days'
     FROM generate_series(1, ${rows}) AS i ON CONFLICT DO NOTHING`,
    'VACUUM ANALYZE "session"',
  ]);
  await run(servers, DATABASES.betterAuth, [
    `INSERT INTO "session" (id, "expiresAt", token, "createdAt", "updatedAt", "userId")
     SELECT md5(i::text), now() + interval '14 days', md5('token' || i), now(), now(), (SELECT id FROM "user" LIMIT 1)
     FROM generate_series(1, ${rows}) AS i ON CONFLICT DO NOTHING`,
    'VACUUM ANALYZE "session"',
  ]);
}

async function run(servers: Servers, database: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: servers.postgres.urlOf(database) });
  await client.connect();
  try {
    const { rows } = await client.query<{ made: boolean }>("SELECT to_regclass('session') IS NOT NULL AS made");
    if (rows[0]?.made) for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
