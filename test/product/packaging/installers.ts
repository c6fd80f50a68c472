import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const shell = process.platform === "win32";

export interface Installation {
  folder: string;
  /** Our packages, by name, as `file:` of their tarballs. */
  ours: Record<string, string>;
  dependencies: Record<string, string>;
}

export type Installer = "pnpm" | "npm";

const PROJECT = { name: "packed", private: true, type: "module" };

/**
 * Install a project with the examples in it. With pnpm what the packages depend on comes from the store, where the
 * repository's own installation has put it, and a package finds only what it names. With npm it comes from the registry,
 * as for most users.
 */
export const INSTALLERS: Record<Installer, (installation: Installation) => Promise<void>> = {
  async pnpm({ folder, ours, dependencies }) {
    await writeFile(join(folder, "package.json"), JSON.stringify({ ...PROJECT, dependencies }));
    const settings = { packages: ["examples/*"], overrides: ours, ignoredOptionalDependencies: ["sharp"] };
    // JSON is YAML.
    await writeFile(join(folder, "pnpm-workspace.yaml"), JSON.stringify(settings));
    const args = ["--yes", "--prefer-offline", "pnpm@12.21.0", "install", "--prefer-offline", "--ignore-scripts"];
    await run("npx", args, { cwd: folder, shell });
  },

  async npm({ folder, ours, dependencies }) {
    const overrides = Object.fromEntries(Object.keys(ours).map((name) => [name, `$${name}`]));
    const manifest = { ...PROJECT, workspaces: ["examples/*"], dependencies, overrides };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    const args = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", args, { cwd: folder, shell });
  },
};
