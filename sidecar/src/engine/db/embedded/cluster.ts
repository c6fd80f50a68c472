import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { unpackTar } from "modern-tar/fs";

/** The version of PGlite, which names what was made with it. */
export function versionOfPglite(): string {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const { version }: { version: string } = JSON.parse(readFileSync(join(dirname(entry), "../package.json"), "utf8"));
  return version;
}

/**
 * A cluster as `initdb` makes it, without any schema or data, that this package brings along. Making one takes a
 * gigabyte of memory. Undefined: it was not built, or with another version of PGlite.
 */
export function preparedCluster(): string | undefined {
  const file = fileURLToPath(new URL(`../../../../embedded/cluster-${versionOfPglite()}.tar.gz`, import.meta.url));
  return existsSync(file) ? file : undefined;
}

/** Unpacks the cluster into a folder, a piece at a time. */
export async function unpackCluster(file: string, into: string): Promise<void> {
  await pipeline(createReadStream(file), createGunzip(), unpackTar(into));
}
