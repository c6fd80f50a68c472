import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Source {
  /** From the root of the repository. */
  path: string;
  /** Without comments, which may name what the code must not use. */
  code: string;
  /** What it imports or re-exports, also dynamically and for types. */
  imports: string[];
}

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

export function readSources(folder: string): Source[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll("\\", "/"))
    .filter((path) => !/(^|\/)(node_modules|dist|output)\//.test(path))
    .map((path) => {
      const code = readFileSync(join(ROOT, path), "utf8").replace(COMMENT, "");
      return { path, code, imports: [...code.matchAll(IMPORT)].map(([, specifier = ""]) => specifier) };
    });
}
