import { beforeAll, expect, it } from "vitest";
import { readMigrations } from "../../../../sidecar/src/engine/db/migrations.ts";
import { runByo } from "../../../harness/run-byo.ts";
import { makeVersion, type SidecarVersion, THIS_VERSION } from "../../../harness/sidecar-version.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { neighbours, schemaOf, startVersion } from "./roll.ts";

let before: SidecarVersion;

beforeAll(async () => {
  before = (await neighbours()).before;
});

it("this version serves the schema before its own, and byo migrate applies what is missing", {
  timeout: 60_000,
}, async () => {
  const database = await createTestDatabase({ empty: true });
  await (await startVersion(database, before)).stop();
  const schema = await schemaOf(database);
  const kept = await startVersion(database, THIS_VERSION, { MIGRATE_ON_START: "off", LOG_LEVEL: "info" });
  expect(kept.logText()).toContain("an older schema than this version");
  const { sessionToken } = await kept.run("CreateSession", { userId: "ada" });
  expect(await schemaOf(database)).toBe(schema);

  expect(await runByo(["keys", "list"], database.env)).toMatchObject({ code: 0 });
  expect(await runByo(["keys", "encryption", "status"], database.env)).toMatchObject({ code: 0 });
  const check = await runByo(["migrate", "--check"], database.env);
  expect(check).toMatchObject({ code: 2, stderr: expect.stringMatching(/^To be applied: the database is at \d{6}/) });
  expect(await schemaOf(database), "none of them has changed the schema").toBe(schema);

  expect(await runByo(["migrate"], database.env)).toMatchObject({ code: 0, stdout: check.stdout });
  expect(await schemaOf(database)).toBeGreaterThan(schema);
  expect(await runByo(["migrate", "--check"], database.env)).toMatchObject({ code: 0, stdout: "" });
  expect((await kept.command("ValidateSession", { sessionToken })).status).toBe(200);
  await kept.stop();
});

it("a version that cannot serve the schema says so, and changes nothing", { timeout: 60_000 }, async () => {
  const database = await createTestDatabase({ empty: true });
  const [first] = await readMigrations(THIS_VERSION.migrations);
  const empty = await runByo(["keys", "list"], database.env);
  expect(empty).toMatchObject({ code: 78, stderr: "byo: This database has no schema yet. Run: byo migrate\n" });
  expect(await database.sql("SELECT FROM pg_namespace WHERE nspname = 'byo'")).toEqual([]);

  const oldest = await makeVersion({ last: first?.version });
  expect(await runByo(["migrate"], database.env, oldest)).toMatchObject({ code: 0 });
  const needs = /^byo: This version cannot serve the database before migration \d+; it is at 1\. Run: byo migrate\n$/;
  expect(await runByo(["keys", "list"], database.env)).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(needs),
  });
  await expect(startVersion(database, THIS_VERSION, { MIGRATE_ON_START: "off" })).rejects.toThrow("Run: byo migrate");
  expect(await schemaOf(database)).toBe(1);

  await runByo(["migrate"], database.env);
  const tooNew = await runByo(["keys", "list"], database.env, oldest);
  expect(tooNew).toMatchObject({ code: 78, stderr: expect.stringContaining("after which this version cannot serve") });
});
