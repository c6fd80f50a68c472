import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, it, vi } from "vitest";
import { migrate } from "../../../../sidecar/src/engine/db/migrate.ts";
import { openPostgres } from "../../../../sidecar/src/engine/db/postgres.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createTestDatabase, type TestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";

let database: TestDatabase;
let name: string;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  name = new URL(database.env.DATABASE_URL ?? "").pathname.slice(1);
});

const set = (setting: string, value: string) => database.sql(`ALTER DATABASE ${name} SET ${setting} = ${value}`);

/** What a database may have been given for others who use it; each would break a statement or a promise. */
const ODD: Readonly<Record<string, string>> = {
  array_nulls: "off",
  bytea_output: "escape",
  client_connection_check_interval: "'100ms'",
  client_min_messages: "debug5",
  DateStyle: "'German'",
  default_transaction_deferrable: "on",
  default_transaction_isolation: "'serializable'",
  extra_float_digits: "-15",
  idle_session_timeout: "'700ms'",
  idle_in_transaction_session_timeout: "'1ms'",
  IntervalStyle: "'sql_standard'",
  jit_above_cost: "0",
  lock_timeout: "'1ms'",
  plan_cache_mode: "force_generic_plan",
  search_path: "''",
  standard_conforming_strings: "off",
  synchronous_commit: "off",
  tcp_keepalives_idle: "1",
  tcp_user_timeout: "'300ms'",
  TimeZone: "'America/St_Johns'",
  transaction_timeout: "'100ms'",
  transform_null_equals: "on",
};

it("a database with settings made for others serves as usual", { timeout: 60_000 }, async () => {
  for (const [setting, value] of Object.entries(ODD)) await set(setting, value);
  const config = { defaults: { max_concurrent_sessions_per_user: 3, rotation_interval_secs: 1 } };
  const sidecar = await startTestSidecar({ database, config, env: { SESSION_CACHE: "on" } });
  const beforeSecs = Date.now() / 1000;
  const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "åda 🙂", tags: ["org:ö"] });
  const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "åda 🙂" });
  expect(sessions).toMatchObject([{ sessionId, userId: "åda 🙂" }]);
  expect(Math.abs((sessions[0]?.createdAt ?? 0) - beforeSecs)).toBeLessThan(60);
  const logins = await Promise.all(
    Array.from({ length: 20 }, () => sidecar.command("CreateSession", { userId: "eve" })),
  );
  expect(logins.map(({ status }) => status)).toEqual(logins.map(() => 200));
  expect((await sidecar.run("FetchAllSessionsForUser", { userId: "eve" })).sessions).toHaveLength(3);

  await sleep(1500);
  const { newSessionToken } = await sidecar.run("ValidateAndRefreshSession", { sessionToken });
  expect(newSessionToken).toBeDefined();
  expect(await sidecar.command("ValidateSession", { sessionToken: newSessionToken })).toMatchObject({
    status: 200,
    body: { tags: ["org:ö"] },
  });
  await vi.waitFor(async () => expect((await sidecar.metrics()).get("byo_session_notifications_heard")).toBe(1));
});

it("an end that was confirmed is on the server's disk, whatever the database is set to", async () => {
  await set("synchronous_commit", "off");
  const db = openPostgres({ connectionString: database.env.DATABASE_URL ?? "" });
  stopAfterFile(() => db.close());
  const shown = { name: "shown", text: "SELECT current_setting('synchronous_commit') AS value" };
  expect(await db.query(shown)).toEqual([{ value: "on" }]);
  await set("synchronous_commit", "remote_apply");
  const other = openPostgres({ connectionString: database.env.DATABASE_URL ?? "" });
  stopAfterFile(() => other.close());
  expect(await other.query(shown)).toEqual([{ value: "remote_apply" }]);
});

it("a migration may take longer than the role's statements may", { timeout: 60_000 }, async () => {
  await set("statement_timeout", "'400ms'");
  await database.sql(SLOW_DDL);
  const db = openPostgres({ connectionString: database.env.DATABASE_URL ?? "" });
  stopAfterFile(() => db.close());
  await migrate(db);
  expect(await database.sql("SELECT FROM byo.sessions")).toEqual([]);
});

/** Each table takes a while to create, and the first one longer than a statement may. */
const SLOW_DDL = `
  CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF tg_tag = 'CREATE SCHEMA' THEN PERFORM pg_sleep(0.8); END IF;
  END $$;
  CREATE EVENT TRIGGER slow ON ddl_command_start EXECUTE FUNCTION slow()`;
