import { globSync, readFileSync } from "node:fs";
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

/** Folders of what is built or installed, which other tests may be writing meanwhile. */
const isMade = (name: string) => /^(\.|node_modules$|dist$|output)/.test(name);

export function readSources(folder: string): Source[] {
  return globSync("**/*.{ts,tsx,js,jsx,mts,cts,mjs,cjs}", { cwd: join(ROOT, folder), exclude: isMade })
    .map((path) => join(folder, path).replaceAll("\\", "/"))
    .map((path) => {
      const code = readFileSync(join(ROOT, path), "utf8").replace(COMMENT, "");
      return { path, code, imports: [...code.matchAll(IMPORT)].map(([, specifier = ""]) => specifier) };
    });
}
