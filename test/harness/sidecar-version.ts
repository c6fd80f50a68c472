import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIGRATIONS, readMigrations } from "../../sidecar/src/engine/db/migrations.ts";
import { stopAfterFile } from "./leftovers.ts";

const SIDECAR = fileURLToPath(new URL("../../sidecar/", import.meta.url));

export interface SidecarVersion {
  /** Where its `main.ts` and `cli.ts` are. */
  readonly folder: string;
  /** Its migrations. */
  readonly migrations: string;
}

/** This version itself. */
export const THIS_VERSION: SidecarVersion = { folder: join(SIDECAR, "src"), migrations: MIGRATIONS };

/** A copy of this version that ends with another migration, and so has another schema as its own. */
export async function makeVersion({
  last = Number.POSITIVE_INFINITY,
  added = {},
}: {
  /** Later migrations are left out. */
  last?: number;
  /** Further ones, by their numbers. */
  added?: Readonly<Record<string, string>>;
}): Promise<SidecarVersion> {
  const folder = await mkdtemp(join(tmpdir(), "byo-version-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  for (const name of await readdir(SIDECAR)) {
    if (name === "src" || name === "migrations") await cp(join(SIDECAR, name), join(folder, name), { recursive: true });
    else await symlink(join(SIDECAR, name), join(folder, name));
  }
  const migrations = join(folder, "migrations");
  for (const { version, file } of await readMigrations(migrations)) {
    if (version > last) await rm(join(migrations, file));
  }
  for (const [number, sql] of Object.entries(added)) await writeFile(join(migrations, `${number}.sql`), sql);
  return { folder: join(folder, "src"), migrations };
}
