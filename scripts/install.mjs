import { run } from "./processes.mjs";

// With npx, from its cache if it was used before. Not with a "packageManager" field: pnpm would then look itself up in
// the registry before each command.
const PNPM = "pnpm@12.21.0";

/** Installs exactly what the lock file says; takes a second or two if there is nothing to do. */
export function installDependencies() {
  pnpm(["install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=warn"]);
}

export function pnpm(args, options) {
  return run("npx", ["--yes", "--prefer-offline", PNPM, ...args], options);
}
