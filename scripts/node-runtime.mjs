// Many machines have Node 20, but the repository needs a newer one. If there is a Node package for the platform, the
// version pinned by hash in node-runtime/package-lock.json is installed into .tools and used for everything.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT, run } from "./processes.mjs";

const OLDEST_NODE = [22, 19];
const FOLDER = join(ROOT, ".tools", "node");
const BIN = join(FOLDER, "node_modules", ".bin");

/** Ensures that `node` in PATH is new enough, for this process and everything it starts. */
export function useSupportedNode() {
  if (isSupported(process.version)) return;
  if (process.platform !== "linux" && process.platform !== "win32") {
    throw new Error(
      `Node ${process.version} is too old: install Node ${OLDEST_NODE.join(".")} or newer (https://nodejs.org), then try again.`,
    );
  }
  if (!isSupported(versionIn(BIN))) {
    console.log(
      `Node ${process.version} is older than ${OLDEST_NODE.join(".")}: downloading a newer one into .tools/node`,
    );
    mkdirSync(FOLDER, { recursive: true });
    cpSync(join(ROOT, "scripts", "node-runtime"), FOLDER, { recursive: true });
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: FOLDER });
  }
  process.env.PATH = BIN + delimiter + process.env.PATH;
}

function isSupported(version) {
  const [major = 0, minor = 0] = version.replace("v", "").split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

function versionIn(bin) {
  const env = { ...process.env, PATH: bin };
  return spawnSync(join(bin, "node"), ["--version"], { env, encoding: "utf8" }).stdout ?? "";
}
