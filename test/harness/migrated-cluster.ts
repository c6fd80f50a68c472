import { migrate } from "../../sidecar/src/engine/db/migrate.ts";
import { openPostgres } from "../../sidecar/src/engine/db/postgres.ts";
import { INSTALL_TEST_CLOCK } from "../../testing/src/sidecar/clock-store.ts";
import type { PostgresVersion } from "./postgres-binaries.ts";
import { type ClusterOptions, createPostgresCluster } from "./postgres-cluster.ts";
import type { ProvidedPostgres } from "./provided.ts";
import { runSql } from "./run-sql.ts";

const TEMPLATE = "byo_template";

export interface MigratedCluster {
  readonly provided: ProvidedPostgres;
  /** Ends the server and deletes its data. */
  destroy(): Promise<void>;
}

/** A Postgres server with a migrated database in it, of which tests get copies. */
export async function createMigratedCluster(
  version: PostgresVersion,
  options?: ClusterOptions,
): Promise<MigratedCluster> {
  const cluster = await createPostgresCluster(version, options);
  try {
    await runSql(cluster.urlOf("postgres"), `CREATE DATABASE ${TEMPLATE}`);
    const db = openPostgres({ connectionString: cluster.urlOf(TEMPLATE) });
    await migrate(db);
    await db.close();
    await runSql(cluster.urlOf(TEMPLATE), INSTALL_TEST_CLOCK);
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
  const provided = { kind: "postgres", version, adminUrl: cluster.urlOf("postgres"), template: TEMPLATE } as const;
  return { provided, destroy: cluster.destroy };
}
