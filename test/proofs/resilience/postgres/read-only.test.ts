import { beforeAll, expect, it, vi } from "vitest";
import type { PostgresCluster } from "../../../harness/postgres-cluster.ts";
import { createPostgresPair, type PostgresPair } from "../../../harness/postgres-pair.ts";
import { runSql } from "../../../harness/run-sql.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";

const RECOVERY = { timeout: 15_000, interval: 100 };
const READ_ONLY = { status: 503, text: JSON.stringify({ status: "the database accepts no writes" }) };
let pair: PostgresPair;
let first: PostgresCluster;
let second: PostgresCluster;

beforeAll(async () => {
  pair = await createPostgresPair();
  [first, second] = [pair.primary, pair.standby];
});

function urlOfAll(): string {
  return `postgres://byo@127.0.0.1:${second.port},127.0.0.1:${first.port}/postgres?target_session_attrs=read-write`;
}

const recovers = (sidecar: TestSidecar) =>
  vi.waitFor(async () => expect(await sidecar.get("/readyz")).toMatchObject({ status: 200 }), RECOVERY);

it("a server that accepts no writes is not ready, and answers 503", { timeout: 60_000 }, async () => {
  const env = { DATABASE_URL: first.urlOf("postgres"), SESSION_CACHE: "off" };
  const sidecar = await startTestSidecar({ env });
  const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
  const endConnections =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'byo-session'";
  await runSql(env.DATABASE_URL, "ALTER DATABASE postgres SET default_transaction_read_only = on");
  await runSql(env.DATABASE_URL, endConnections);
  await vi.waitFor(async () => expect(await sidecar.get("/readyz")).toEqual(READ_ONLY), RECOVERY);
  const answers = await Promise.all([
    sidecar.command("CreateSession", { userId: "ada" }),
    // Also a read: what ended since may still be living there.
    sidecar.command("ValidateSession", { sessionToken }),
    sidecar.command("InvalidateSessionById", { sessionId }),
  ]);
  for (const answer of answers)
    expect(answer).toMatchObject({
      status: 503,
      body: { type: "UnexpectedError", details: "the database did not answer" },
    });
  await runSql(
    env.DATABASE_URL,
    "SET transaction_read_only = off; ALTER DATABASE postgres RESET default_transaction_read_only",
  );
  await recovers(sidecar);
  expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
  await sidecar.stop();
});

it("of several servers the one that accepts writes is used, also after a failover", { timeout: 60_000 }, async () => {
  const sidecar = await startTestSidecar({ env: { DATABASE_URL: urlOfAll(), SESSION_CACHE: "on" } });
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  await pair.caughtUp();
  await first.kill();
  expect(await sidecar.command("CreateSession", { userId: "ada" })).toMatchObject({ status: 503 });
  await runSql(second.urlOf("postgres"), "SELECT pg_promote()");
  await recovers(sidecar);
  expect(await sidecar.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
  await sidecar.run("CreateSession", { userId: "ada" });

  // The old primary comes back as a standby, as Patroni does it.
  await first.write("standby.signal", "");
  await first.start();
  const late = await startTestSidecar({ env: { DATABASE_URL: urlOfAll() } });
  await late.run("CreateSession", { userId: "ada" });
  const onDemoted = { DATABASE_URL: first.urlOf("postgres"), DATABASE_WAIT_SECS: "0" };
  await expect(startTestSidecar({ env: onDemoted })).rejects.toThrow("DATABASE_URL cannot be reached");
});
