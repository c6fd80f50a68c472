import { fileURLToPath } from "node:url";
import { expect, inject, it } from "vitest";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { dumpSchema } from "../schema-dump.ts";

const FILE = fileURLToPath(new URL("../../../../sidecar/schema.sql", import.meta.url));
const HEAD = `-- What all migrations together make of an empty database, to be read: nothing runs it. After a new migration
-- "npx vitest run --project postgres-18 test/behaviour/sidecar/process/schema.test.ts -u" updates it.
`;

const database = inject("database");
// Each version of Postgres writes its definitions a little differently.
const isNewest = database.kind === "postgres" && database.version === "newest";

it.runIf(isNewest)("schema.sql says what the migrations make", async () => {
  const sidecar = await startTestSidecar({ database: await createTestDatabase({ empty: true }) });
  await expect(`${HEAD}\n${await dumpSchema(sidecar.sql)}`).toMatchFileSnapshot(FILE);
});
