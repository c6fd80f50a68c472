import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { DatabaseUnavailable } from "../../../../sidecar/src/engine/db/database.ts";
import { openPostgres } from "../../../../sidecar/src/engine/db/postgres.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";

const OWN_PROCESS = { name: "own-process", text: "SELECT pg_backend_pid() AS pid" };

/** In each of these an unheard error of the connection would end the process, and with it the test run. */

it("survives a connection that breaks between two statements of a transaction", async () => {
  const database = await createTestDatabase();
  const db = openPostgres({ connectionString: database.env.DATABASE_URL ?? "", maxConnections: 1 });
  stopAfterFile(() => db.close());
  const broken = db.transaction(async (tx) => {
    const [own] = await tx.query<{ pid: number }>(OWN_PROCESS);
    await database.sql("SELECT pg_terminate_backend($1)", [own?.pid]);
    await sleep(200);
    await tx.query(OWN_PROCESS);
  });
  await expect(broken).rejects.toThrow(DatabaseUnavailable);
  expect(await db.query(OWN_PROCESS)).toHaveLength(1);
});

it("survives a connection that breaks in the moment in which it is handed out", async () => {
  const database = await createTestDatabase();
  const url = new URL(database.env.DATABASE_URL ?? "");
  const held = await holdAnswers(Number(url.port));
  url.port = String(held.port);
  const db = openPostgres({ connectionString: url.href, maxConnections: 1 });
  stopAfterFile(() => db.close());

  const broken = db.transaction((tx) => tx.query(OWN_PROCESS));
  const ended = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'byo-session' AND state = 'idle'`;
  await expect.poll(() => database.sql(ended), { timeout: 1000 }).toHaveLength(1);
  await sleep(100);
  // "Ready for a query" and "the connection ends" arrive together.
  held.release();
  await expect(broken).rejects.toThrow(DatabaseUnavailable);
  expect(await db.query(OWN_PROCESS)).toHaveLength(1);
});

/** Stands before a server and keeps what it says, to pass it on in one piece. */
async function holdAnswers(targetPort: number) {
  let release = () => {};
  let isHolding = true;
  const server = createServer((client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    const kept: Buffer[] = [];
    client.on("error", () => {}).pipe(upstream);
    upstream.on("error", () => {});
    upstream.on("data", (chunk: Buffer) => (isHolding ? kept.push(chunk) : client.write(chunk)));
    upstream.on("close", () => isHolding || client.destroy());
    release = () => {
      isHolding = false;
      client.write(Buffer.concat(kept));
      if (upstream.destroyed) client.end();
    };
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stopAfterFile(async () => void server.close());
  return { port: (server.address() as AddressInfo).port, release: () => release() };
}
