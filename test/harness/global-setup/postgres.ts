import type { TestProject } from "vitest/node";
import { migrate } from "../../../sidecar/src/engine/db/migrate.ts";
import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import { INSTALL_TEST_CLOCK } from "../../../testing/src/sidecar/clock-store.ts";
import type { PostgresVersion } from "../postgres-binaries.ts";
import { createPostgresCluster, type PostgresCluster } from "../postgres-cluster.ts";
import "../provided.ts";
import { runSql } from "../run-sql.ts";

const TEMPLATE = "byo_template";

declare global {
  // Every project loads its own copy of this module, but all are set up in one process: one server per version serves all.
  var sharedPostgresServers: Map<PostgresVersion, { cluster: Promise<PostgresCluster>; projects: number }> | undefined;
}

/** Gives a project a Postgres with a migrated database in it, from which each test file gets its copy. */
export async function setUpPostgres(project: TestProject, version: PostgresVersion): Promise<() => Promise<void>> {
  globalThis.sharedPostgresServers ??= new Map();
  const servers = globalThis.sharedPostgresServers;
  const server = servers.get(version) ?? { cluster: createClusterWithTemplate(version), projects: 0 };
  servers.set(version, server);
  server.projects++;
  const cluster = await server.cluster;
  project.provide("database", {
    kind: "postgres",
    version,
    adminUrl: cluster.urlOf("postgres"),
    template: TEMPLATE,
  });
  return async () => {
    server.projects--;
    if (server.projects > 0) return;
    servers.delete(version);
    await cluster.destroy();
  };
}

async function createClusterWithTemplate(version: PostgresVersion): Promise<PostgresCluster> {
  const cluster = await createPostgresCluster(version);
  try {
    await runSql(cluster.urlOf("postgres"), `CREATE DATABASE ${TEMPLATE}`);
    const db = openPostgres({ connectionString: cluster.urlOf(TEMPLATE) });
    await migrate(db);
    await db.close();
    await runSql(cluster.urlOf(TEMPLATE), INSTALL_TEST_CLOCK);
    return cluster;
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
}
