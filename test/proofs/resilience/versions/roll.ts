import { expect } from "vitest";
import { readMigrations } from "../../../../sidecar/src/engine/db/migrations.ts";
import type { ResultRow } from "../../../harness/result-table.ts";
import { makeVersion, type SidecarVersion, THIS_VERSION } from "../../../harness/sidecar-version.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import type { TestDatabase } from "../../../harness/test-database.ts";
import { countLosses, LOAD_CONFIG, startLoad } from "../crashes/load.ts";

/** The versions with the schema before and after this one's. */
export async function neighbours(): Promise<{ before: SidecarVersion; after: SidecarVersion }> {
  const newest = (await readMigrations(THIS_VERSION.migrations)).at(-1);
  if (!newest) throw new Error("there is no migration");
  expect(newest.servesFrom, `${newest.file} says from which version on it serves`).toBeLessThan(newest.version);
  const added = `-- Serves versions from ${String(newest.version).padStart(6, "0")}.
    ALTER TABLE byo.sessions ADD COLUMN later text; CREATE TABLE byo.later (id bigint PRIMARY KEY)`;
  return {
    before: await makeVersion({ last: newest.servesFrom }),
    after: await makeVersion({ added: { "000999": added } }),
  };
}

export const startVersion = (database: TestDatabase, version: SidecarVersion, env: Record<string, string> = {}) =>
  spawnTestSidecar({ database, version, config: LOAD_CONFIG, env: { LOG_LEVEL: "warn", ...env } });

export async function schemaOf(database: TestDatabase): Promise<number> {
  const [row] = await database.sql<{ version: number }>("SELECT max(version) AS version FROM byo.migrations");
  return row?.version ?? 0;
}

/** Replaces each replica in turn, under load, as a rolling deployment does. */
export async function roll(database: TestDatabase, from: SidecarVersion, to: SidecarVersion): Promise<ResultRow> {
  const replicas: SpawnedSidecar[] = [await startVersion(database, from), await startVersion(database, from)];
  const schemaBefore = await schemaOf(database);
  // What a load balancer gives its requests to, at each time.
  const load = startLoad(replicas);
  await load.grow(3);
  for (let at = 0; at < replicas.length; at++) {
    const old = replicas[at];
    replicas[at] = await startVersion(database, to);
    await load.grow(3);
    await old?.kill("SIGTERM");
  }
  await load.grow(3);
  await load.stop();
  const [judge] = replicas;
  if (!judge) throw new Error("no replica");
  const losses = await countLosses(load.sessions, judge);
  const { acknowledged, unavailable, brokenOff, turnedAway, refused } = load.counts;
  const failed = unavailable + brokenOff + turnedAway;
  const schema = `${schemaBefore} to ${await schemaOf(database)}`;
  expect({ lost: losses.lost, refused, failed }).toEqual({ lost: 0, refused: 0, failed: 0 });
  await Promise.all(replicas.map(({ stop }) => stop()));
  return { schema, answers: acknowledged, ...losses, refused, failed };
}
