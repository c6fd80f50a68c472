import { run } from "./processes.mjs";

// By npx, from its cache where it has been used before. Not by a "packageManager" field: with that one, pnpm looks for
// itself on the registry before each command.
const PNPM = "pnpm@12.21.0";

/** Installs exactly what the lock file says; takes a second or two when there is nothing to do. */
export function installDependencies() {
  pnpm(["install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=warn"]);
}

export function pnpm(args, options) {
  return run("npx", ["--yes", "--prefer-offline", PNPM, ...args], options);
}
