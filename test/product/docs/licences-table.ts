import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PUBLISHED } from "../../../scripts/published.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const DASHBOARD = "sidecar/dashboard";
/** They build the dashboard, and nothing of them is in it. */
const BUILD_TOOLS = /^(vite|@vitejs\/|@types\/)/;
const HEAD = "| licence | packages |\n| --- | --- |\n";

interface Manifest {
  name: string;
  license: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const read = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** Where a package finds another one: what Node does, without asking what the other one exports. */
function folderOf(name: string, from: string): string {
  const places = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  for (const place of places) {
    try {
      return realpathSync(join(place, name));
    } catch {}
  }
  throw new Error(`${name} is not installed for ${from}`);
}

/** The licence of everything that the published packages install or contain, by the name of the package. */
export function licences(): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (folder: string, names: readonly string[]) => {
    for (const name of names) {
      const there = folderOf(name, folder);
      if (seen.has(there)) continue;
      seen.add(there);
      const { license, dependencies = {} } = read(there);
      if (!name.startsWith("@byo-session/")) found.set(name, license);
      visit(there, Object.keys(dependencies));
    }
  };
  for (const folder of PUBLISHED.map((name) => join(ROOT, name))) {
    visit(folder, Object.keys(read(folder).dependencies ?? {}));
  }
  const page = join(ROOT, DASHBOARD);
  visit(
    page,
    Object.keys(read(page).devDependencies ?? {}).filter((name) => !BUILD_TOOLS.test(name)),
  );
  return found;
}

/** The document with the table of licences. */
export function withLicences(text: string): string {
  const byLicence = Map.groupBy(licences(), ([, licence]) => licence);
  const rows = [...byLicence]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([licence, packages]) =>
        `| ${licence} | ${packages
          .map(([name]) => name)
          .sort()
          .join(", ")} |`,
    );
  return text.replace(/\| licence \| packages \|\n(\|.*\n)+/, () => `${HEAD}${rows.join("\n")}\n`);
}
