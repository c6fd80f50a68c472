import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase, type TestDatabase } from "../../harness/test-database.ts";

export interface Fleet {
  database: TestDatabase;
  /** Processes of their own. */
  sidecars: readonly SpawnedSidecar[];
  /** Round robin, as a load balancer does. */
  next(): SpawnedSidecar;
}

/** Starts sidecars as processes on one Postgres database. */
export async function startFleet(count: number, config: object = {}): Promise<Fleet> {
  const database = await createTestDatabase();
  const start = () => spawnTestSidecar({ database, config, env: { LOG_LEVEL: "warn" } });
  const sidecars = await Promise.all(Array.from({ length: count }, start));
  let turn = 0;
  return {
    database,
    sidecars,
    next() {
      const sidecar = sidecars[turn++ % count];
      if (!sidecar) throw new Error("a fleet has at least one sidecar");
      return sidecar;
    },
  };
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
