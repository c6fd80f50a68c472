// The sidecar serves the dashboard that Vite builds. Builds it if its sources are newer than the last build.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT, runBeside } from "./processes.mjs";

const FOLDER = join(ROOT, "sidecar", "dashboard");
// Vite writes it last: an interrupted build has none.
const BUILT = join(FOLDER, "dist", "index.html");
// The page also uses these sources, which it shares with the server.
const SHARED = [
  "sidecar/src/dashboard/contract",
  "sidecar/src/dashboard/sentences",
  "sidecar/src/engine/policy",
  "core/src/contract",
];
const SOURCES = [FOLDER, ...SHARED.map((part) => join(ROOT, part))];

export async function buildDashboard() {
  if (lastChangeMs(BUILT) > Math.max(...SOURCES.map(lastChangeMs))) return;
  console.log("Building the dashboard");
  // Also when a test packs the sidecar: with any other value, Vite would bundle React's development build.
  const env = { ...process.env, NODE_ENV: "production" };
  await runBeside("npx", ["--no-install", "vite", "build", "--logLevel", "warn"], { cwd: FOLDER, env });
}

/** The time of a file, or of the newest file in a folder; 0 if it does not exist. */
function lastChangeMs(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  const names = readdirSync(path).filter(
    (name) => !["dist", "node_modules"].includes(name) && !name.endsWith(".tsbuildinfo"),
  );
  return Math.max(0, ...names.map((name) => lastChangeMs(join(path, name))));
}
