// The sidecar serves the dashboard as Vite has built it. Built when its sources are newer than what was built last.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run } from "./processes.mjs";

const FOLDER = join(ROOT, "sidecar", "dashboard");
// Vite writes it last: an interrupted build has none.
const BUILT = join(FOLDER, "dist", "index.html");
// Beside its own sources the page shares these with the server.
const SHARED = [
  "sidecar/src/dashboard/contract",
  "sidecar/src/dashboard/sentences",
  "sidecar/src/engine/policy",
  "core/src/contract",
];
const SOURCES = [FOLDER, ...SHARED.map((part) => join(ROOT, part))];

export function buildDashboard() {
  if (lastChangeMs(BUILT) > Math.max(...SOURCES.map(lastChangeMs))) return;
  console.log("Building the dashboard");
  // Also when a test packs the sidecar: with any other word here it would be React for developing.
  const env = { ...process.env, NODE_ENV: "production" };
  run("npx", ["--no-install", "vite", "build", "--logLevel", "warn"], { cwd: FOLDER, env });
}

/** Of a file, or of the newest one in a folder; 0 for what does not exist. */
function lastChangeMs(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  const names = readdirSync(path).filter(
    (name) => !["dist", "node_modules"].includes(name) && !name.endsWith(".tsbuildinfo"),
  );
  return Math.max(0, ...names.map((name) => lastChangeMs(join(path, name))));
}
