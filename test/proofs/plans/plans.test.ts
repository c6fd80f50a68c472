import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { createTestDatabase } from "../../harness/test-database.ts";
import { sendEveryStatement } from "./every-statement.ts";
import { faultsInPlans, GROWING, READS_ALL } from "./faults.ts";
import { fillTables } from "./grown-tables.ts";
import type { Sent } from "./recording-database.ts";

/** Right for so few rows: most of them are wanted anyway. The long tests look at these with more rows. */
const READS_MOST = [
  "encryption-reseal-sessions-salt",
  "overview-top-tags",
  "preview-addresses",
  "sessions-count",
  "sessions-mark-ended",
];

let sent: readonly Sent[];
let url: string;

beforeAll(async () => {
  const database = await createTestDatabase();
  url = database.env.DATABASE_URL ?? "";
  await fillTables(database, { sessions: 30_000, events: 30_000, others: 10_000 });
  sent = await sendEveryStatement(database);
});

it("looks at every statement that a sidecar has on a table that grows", async () => {
  const seen = new Set(sent.map(({ statement }) => statement.name));
  const missing = (await namesInSources()).filter((name) => ![...seen].some((known) => known.startsWith(name)));
  expect(missing).toEqual([]);
});

it("no statement reads more rows the more there are", async () => {
  expect(await faultsInPlans(url, sent, [...READS_ALL, ...READS_MOST])).toEqual([]);
});

it("finds a condition that no index can be used for", async () => {
  const statement = { name: "", text: "DELETE FROM byo.sessions WHERE ended_at IS NULL AND expires_at <= byo.now()" };
  expect(await faultsInPlans(url, [{ statement, values: [] }], [])).toContainEqual(
    expect.stringContaining("asks the clock for each row"),
  );
});

async function namesInSources(): Promise<string[]> {
  const sources = fileURLToPath(new URL("../../../sidecar/src/", import.meta.url));
  const onGrowing = new RegExp(`byo\\.(${GROWING.join("|")})\\b`);
  const names: string[] = [];
  for await (const file of glob(`${sources}**/{db/*,*store}.ts`)) {
    const text = await readFile(file, "utf8");
    const statements = text.split(/(?=(?:name: |deletionOf\(|filteredStatement\(\s*)"[a-z-]+")/).slice(1);
    names.push(...statements.filter((sql) => onGrowing.test(sql)).flatMap((sql) => /"([a-z-]+)"/.exec(sql)?.[1] ?? []));
  }
  return names;
}
