import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { Database } from "./database.ts";
import { preparedCluster, versionOfPglite } from "./embedded/cluster.ts";
import { openEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";

export interface MemoryDatabaseOptions {
  /**
   * A folder to cache an empty database in, if this package was built without one: later starts are then five times as
   * fast. Default: no cache.
   */
  cacheDir?: string | undefined;
}

/** Opens an embedded database in memory with the newest schema, for tests. Closing it loses the data. */
export async function openMemoryDatabase({ cacheDir }: MemoryDatabaseOptions = {}): Promise<Database> {
  const snapshot = await emptyDatabase(cacheDir);
  const db = await openEmbedded({ ...(snapshot && { snapshot }), onLost: () => {} });
  await migrate(db);
  return db;
}

/** A cluster as `initdb` makes it, without any schema: it depends on nothing but the version of PGlite. */
async function emptyDatabase(cacheDir: string | undefined): Promise<Blob | undefined> {
  const prepared = preparedCluster();
  if (prepared) return new Blob([await readFile(prepared)]);
  if (cacheDir === undefined) return undefined;
  const file = join(cacheDir, `pglite-${versionOfPglite()}.tar.gz`);
  const kept = await readFile(file).catch(() => undefined);
  if (kept) return new Blob([kept]);
  const pglite = await PGlite.create();
  const snapshot = await pglite.dumpDataDir("gzip");
  await pglite.close();
  await mkdir(cacheDir, { recursive: true });
  // Renamed once complete: other tests that start now must not read half a file.
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, await snapshot.bytes());
  await rename(unfinished, file);
  return snapshot;
}
