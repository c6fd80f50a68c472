import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { DatabaseUnavailable } from "../../../sidecar/src/db/database.ts";
import { openPostgres } from "../../../sidecar/src/db/postgres.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { createTestDatabase } from "../../harness/test-database.ts";

const OWN_PROCESS = { name: "own-process", text: "SELECT pg_backend_pid() AS pid" };

it("survives a connection that breaks between two statements of a transaction", async () => {
  const database = await createTestDatabase();
  const db = openPostgres({ connectionString: database.env.DATABASE_URL ?? "", maxConnections: 1 });
  stopAfterFile(() => db.close());
  const broken = db.transaction(async (tx) => {
    const [own] = await tx.query<{ pid: number }>(OWN_PROCESS);
    await database.sql("SELECT pg_terminate_backend($1)", [own?.pid]);
    // Nobody asks the connection anything now: its end must not become an uncaught error.
    await sleep(200);
    await tx.query(OWN_PROCESS);
  });
  await expect(broken).rejects.toThrow(DatabaseUnavailable);
  expect(await db.query(OWN_PROCESS)).toHaveLength(1);
});
