import { expect, it } from "vitest";
import { printResults, type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { THIS_VERSION } from "../../harness/sidecar-version.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { neighbours, roll, schemaOf } from "../resilience/versions/roll.ts";

it("upgrades under load with both versions running, and goes back, and nothing is lost", {
  timeout: 300_000,
}, async () => {
  const { before, after } = await neighbours();
  const database = await createTestDatabase({ empty: true });
  const rows: ResultRow[] = [
    { what: "to this version", ...(await roll(database, before, THIS_VERSION)) },
    { what: "back to the version before", ...(await roll(database, THIS_VERSION, before)) },
    { what: "to this version again", ...(await roll(database, before, THIS_VERSION)) },
    { what: "to the version after", ...(await roll(database, THIS_VERSION, after)) },
    { what: "back to this version", ...(await roll(database, after, THIS_VERSION)) },
  ];
  expect(await schemaOf(database)).toBe(999);
  printResults("Replicas of two versions under load, each replaced in turn", rows);
  await writeResults("upgrade", "Upgrades under load, and back", [
    "Two replicas, each replaced in turn while users log in, rotate and log out. The version before and the one after are this code with the schema before and after its own.",
    resultTable(rows),
  ]);
});
