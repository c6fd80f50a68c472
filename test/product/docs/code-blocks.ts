import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PUBLISHED } from "../../../scripts/published.mjs";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface CodeBlock {
  /** The document and the line that the block starts at, for messages. */
  where: string;
  language: string;
  /** The file that it stands for: ` ```ts title="lib/sessions.ts" `. Others of the document import it by that name. */
  title: string | undefined;
  code: string;
}

export interface Document {
  /** From the root of the repository. */
  path: string;
  text: string;
}

/** The documents for users and contributors. */
export function readDocuments(): Document[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && !name.startsWith("results"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`);
  const ofPackages = PUBLISHED.map((folder) => `${folder}/README.md`);
  return [...top, ...docs, ...ofPackages].map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

export function codeBlocks({ path, text }: Document): CodeBlock[] {
  return [...text.matchAll(/^```(\w*)(?: title="([^"\n]+)")?[^\n]*\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = "", title, code = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    return { where: `${path}:${line}`, language, title, code };
  });
}
