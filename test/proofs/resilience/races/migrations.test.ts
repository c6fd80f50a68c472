import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { printResults } from "../../../harness/result-table.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { times } from "../fleet.ts";

const SIDECARS = 20;

it(`lets ${SIDECARS} sidecars migrate an empty database at once`, { timeout: 90_000 }, async () => {
  const database = await createTestDatabase({ empty: true });
  const start = performance.now();
  const sidecars = await Promise.all(times(SIDECARS, () => startTestSidecar({ database })));
  const tookMs = performance.now() - start;
  const [first] = sidecars;
  if (!first) throw new Error("no sidecar");
  const { sessionToken } = await first.run("CreateSession", { userId: "ada" });
  const answers = await Promise.all(sidecars.map((each) => each.command("ValidateSession", { sessionToken })));
  const migrations = await database.sql("SELECT version FROM byo.migrations");
  const keys = await database.sql("SELECT id FROM byo.integration_keys");
  printResults("Sidecars that start on one empty Postgres database at once", [
    {
      sidecars: SIDECARS,
      "milliseconds until all listen": Math.round(tookMs),
      failed: answers.filter(({ status }) => status !== 200).length,
    },
  ]);
  expect(answers.map(({ status }) => status)).toEqual(times(SIDECARS, () => 200));
  expect(migrations).toHaveLength(readdirSync("sidecar/migrations").filter((file) => file.endsWith(".sql")).length);
  expect(keys).toHaveLength(1);
});
