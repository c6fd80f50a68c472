import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { explain } from "../../../sidecar/src/engine/causes/explain.ts";
import { startPgBouncer } from "../../harness/pgbouncer.ts";
import { createTestDatabase, type TestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const SOON = { timeout: 10_000, interval: 100 };
const HEARD = "byo_session_notifications_heard";
let database: TestDatabase;
let direct: string;
let transaction: string;
let session: string;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  direct = database.env.DATABASE_URL ?? "";
  transaction = await startPgBouncer(direct, { mode: "transaction", poolSize: 3 });
  session = await startPgBouncer(direct, { mode: "session", poolSize: 40 });
});

const start = (env: Record<string, string>) => startTestSidecar({ database, env: { SESSION_CACHE: "on", ...env } });

/** Logins, validations and ends of many users at once, so that connections change hands. */
async function serves(sidecar: TestSidecar): Promise<void> {
  const users = Array.from({ length: 24 }, (_, at) => `user-${at}`);
  const tokens = await Promise.all(
    users.map(async (userId) => (await sidecar.run("CreateSession", { userId })).sessionToken),
  );
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(
      tokens.map((sessionToken) => sidecar.command("ValidateAndRefreshSession", { sessionToken })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  }
  const ends = await Promise.all(
    tokens.map((sessionToken) => sidecar.command("InvalidateSessionByToken", { sessionToken })),
  );
  expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 200));
  const after = await Promise.all(tokens.map((sessionToken) => sidecar.command("ValidateSession", { sessionToken })));
  expect(after.map(({ status }) => status)).toEqual(after.map(() => 401));
}

const hears = async (sidecar: TestSidecar) => (await sidecar.metrics()).get(HEARD);

/** What one replica ends, the other refuses within a second, whether it has cached the session or not. */
async function keepThePromise(first: TestSidecar, second: TestSidecar): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const { sessionToken } = await first.run("CreateSession", { userId: `eve-${round}` });
    for (let use = 0; use < 3; use++)
      expect(await second.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
    await first.run("InvalidateSessionByToken", { sessionToken });
    await sleep(1000);
    expect(await second.command("ValidateSession", { sessionToken })).toMatchObject({ status: 401 });
  }
}

describe("in transaction mode", () => {
  it("everything works, the first start included, and nothing is cached", { timeout: 60_000 }, async () => {
    const [first, second] = [await start({ DATABASE_URL: transaction }), await start({ DATABASE_URL: transaction })];
    await Promise.all([serves(first), serves(second)]);
    expect(first.logText()).toContain("set DATABASE_DIRECT_URL to Postgres itself");
    expect(first.logText()).toContain("so the server has no time limit for single statements");
    expect(await hears(first)).toBe(0);
    await keepThePromise(first, second);
    expect(await hears(second)).toBe(0);
    await Promise.all([first.stop(), second.stop()]);
  });

  it("sessions are cached with a URL that leads to Postgres itself", { timeout: 60_000 }, async () => {
    const env = { DATABASE_URL: transaction, DATABASE_DIRECT_URL: direct };
    const [first, second] = [await start(env), await start(env)];
    await vi.waitFor(async () => expect([await hears(first), await hears(second)]).toEqual([1, 1]), SOON);
    await Promise.all([serves(first), serves(second)]);
    await keepThePromise(first, second);
    expect(second.logText()).not.toContain("does not hear which sessions change");
    expect((await second.metrics()).get('byo_session_cache_total{answer="hit"}')).toBeGreaterThan(0);
    await Promise.all([first.stop(), second.stop()]);
  });

  it("a false word that it is session mode is noticed", { timeout: 60_000 }, async () => {
    const env = { DATABASE_URL: transaction, DATABASE_DIRECT_URL: transaction, DATABASE_POOLER: "session" };
    // With other clients it depends on who gets which backend: the start says so, or nothing is heard.
    const sidecar = await start(env).catch((error: unknown) => explain(error).message);
    if (typeof sidecar === "string") {
      expect(sidecar).toMatch(/the pool is in transaction mode\. Remove DATABASE_POOLER=session/);
      return;
    }
    await vi.waitFor(() => expect(sidecar.logText()).toContain("does not hear which sessions change"), SOON);
    expect(await hears(sidecar)).toBe(0);
    await sidecar.stop();
  });

  it("a role whose settings do not fit is refused, with what to run", { timeout: 60_000 }, async () => {
    const name = new URL(direct).pathname.slice(1);
    await database.sql(`ALTER DATABASE ${name} SET default_transaction_isolation = 'repeatable read'`);
    const pooled = await startPgBouncer(direct, { mode: "transaction", poolSize: 3 });
    const refused = await start({ DATABASE_URL: pooled }).catch((error: unknown) => explain(error).message);
    expect(refused).toMatch(/ALTER ROLE … SET default_transaction_isolation = 'read committed'/);
    await database.sql(`ALTER DATABASE ${name} RESET default_transaction_isolation`);
  });
});

describe("in session mode", () => {
  it("sessions are cached if the mode is said", { timeout: 60_000 }, async () => {
    const env = { DATABASE_URL: session, DATABASE_POOLER: "session" };
    const [first, second] = [await start(env), await start(env)];
    await vi.waitFor(async () => expect([await hears(first), await hears(second)]).toEqual([1, 1]), SOON);
    await Promise.all([serves(first), serves(second)]);
    await keepThePromise(first, second);
    await Promise.all([first.stop(), second.stop()]);
  });

  it("nothing is cached otherwise", { timeout: 60_000 }, async () => {
    const sidecar = await start({ DATABASE_URL: session });
    await serves(sidecar);
    expect(await hears(sidecar)).toBe(0);
    await sidecar.stop();
  });
});
