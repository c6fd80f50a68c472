import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./processes.mjs";

/** The folders of the published packages: the top-level packages that are not private. */
export const PUBLISHED = readdirSync(ROOT).filter((name) => {
  const manifest = join(ROOT, name, "package.json");
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).private !== true;
});
