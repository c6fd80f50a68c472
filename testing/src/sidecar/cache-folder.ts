import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The project's cache for tools: `node_modules/.cache`. Undefined if there is none. */
export function cacheFolder(from = process.cwd()): string | undefined {
  const modules = join(from, "node_modules");
  if (existsSync(modules)) return join(modules, ".cache", "byo-session");
  const above = dirname(from);
  return above === from ? undefined : cacheFolder(above);
}
