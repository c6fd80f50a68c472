import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The migrations of this version. */
export const MIGRATIONS = fileURLToPath(new URL("../../../migrations/", import.meta.url));

export interface Migration {
  version: number;
  file: string;
  sql: string;
  checksum: string;
  /**
   * The oldest schema whose programs can serve the one after this migration, and whose schema the programs of this one can
   * serve. Its own number: all programs have to be replaced at once.
   */
  servesFrom: number;
}

const SERVES_FROM = /^-- Serves versions from (\d{6})\.$/m;

/** In order. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{6}\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(join(folder, file), "utf8");
      const version = Number.parseInt(file, 10);
      return {
        version,
        file,
        sql,
        checksum: createHash("sha256").update(sql).digest("hex"),
        servesFrom: Number.parseInt(SERVES_FROM.exec(sql)?.[1] ?? file, 10),
      };
    }),
  );
}
