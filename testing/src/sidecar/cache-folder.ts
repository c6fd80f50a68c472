import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where tools keep what can be made again: `node_modules/.cache` of the project. Undefined where there is none. */
export function cacheFolder(from = process.cwd()): string | undefined {
  const modules = join(from, "node_modules");
  if (existsSync(modules)) return join(modules, ".cache", "byo-session");
  const above = dirname(from);
  return above === from ? undefined : cacheFolder(above);
}
