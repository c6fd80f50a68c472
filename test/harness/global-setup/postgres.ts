import type { TestProject } from "vitest/node";
import { migrate } from "../../../sidecar/src/db/migrate.ts";
import { openPostgres } from "../../../sidecar/src/db/postgres.ts";
import { INSTALL_TEST_CLOCK } from "../clock.ts";
import type { PostgresVersion } from "../postgres-binaries.ts";
import { createPostgresCluster, type PostgresCluster } from "../postgres-cluster.ts";
import "../provided.ts";
import { runSql } from "../run-sql.ts";

const TEMPLATE = "byo_template";

/** Starts a Postgres for one project, with a migrated database in it from which each test file gets its copy. */
export async function setUpPostgres(project: TestProject, version: PostgresVersion): Promise<() => Promise<void>> {
  const cluster = await createPostgresCluster(version);
  try {
    await makeTemplate(cluster);
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
  project.provide("database", {
    kind: "postgres",
    version,
    adminUrl: cluster.urlOf("postgres"),
    template: TEMPLATE,
  });
  return () => cluster.destroy();
}

async function makeTemplate(cluster: PostgresCluster): Promise<void> {
  await runSql(cluster.urlOf("postgres"), `CREATE DATABASE ${TEMPLATE}`);
  const db = openPostgres({ connectionString: cluster.urlOf(TEMPLATE) });
  await migrate(db);
  await db.close();
  await runSql(cluster.urlOf(TEMPLATE), INSTALL_TEST_CLOCK);
}
