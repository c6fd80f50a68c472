import type { TestProject } from "vitest/node";
import { createMigratedCluster, type MigratedCluster } from "../migrated-cluster.ts";
import type { PostgresVersion } from "../postgres-binaries.ts";
import "../provided.ts";

declare global {
  // Every project loads its own copy of this module, but all are set up in one process: one server per version serves all.
  var sharedPostgresServers: Map<PostgresVersion, { cluster: Promise<MigratedCluster>; projects: number }> | undefined;
}

/** Gives a project a Postgres with a migrated database in it, from which each test file gets its copy. */
export async function setUpPostgres(project: TestProject, version: PostgresVersion): Promise<() => Promise<void>> {
  globalThis.sharedPostgresServers ??= new Map();
  const servers = globalThis.sharedPostgresServers;
  const server = servers.get(version) ?? { cluster: createMigratedCluster(version), projects: 0 };
  servers.set(version, server);
  server.projects++;
  const cluster = await server.cluster;
  project.provide("database", cluster.provided);
  return async () => {
    server.projects--;
    if (server.projects > 0) return;
    servers.delete(version);
    await cluster.destroy();
  };
}
