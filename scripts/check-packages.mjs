// Checks the packed tarballs, because they are what is published, with other exports than the sources.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm } from "./install.mjs";
import { ROOT, succeeds } from "./processes.mjs";
import { PUBLISHED } from "./published.mjs";

/** Runs publint and attw on the tarball of every published package; the types must be built. */
export function checkPackages() {
  const folder = mkdtempSync(join(tmpdir(), "byo-packages-"));
  try {
    for (const name of PUBLISHED)
      pnpm(["pack", "--pack-destination", folder], { cwd: join(ROOT, name), stdio: "pipe" });
    const tarballs = readdirSync(folder).map((file) => join(folder, file));
    const tools = (tarball) => [
      ["publint", "run", tarball, "--strict"],
      ["attw", tarball, "--profile", "esm-only"],
    ];
    const failed = tarballs.flatMap(tools).filter((args) => !succeeds("npx", ["--no-install", ...args]));
    for (const args of failed) console.error(`check failed: ${args.join(" ")}`);
    return failed.length === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
