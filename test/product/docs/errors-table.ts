import { readFile } from "node:fs/promises";

const SOURCES = [
  ["core/src/errors.ts", "ConfigurationErrorCode"],
  ["core/src/errors.ts", "ActionErrorCode"],
  ["core/src/stateless/error.ts", "StatelessTokenErrorCode"],
  ["browser/src/error.ts", "DeviceErrorCode"],
] as const;

/** The document with its tables, written from the code's own comments. */
export async function withErrors(text: string): Promise<string> {
  let document = text;
  for (const [file, type] of SOURCES) {
    const codes = codesOf(await readFile(file, "utf8"), type);
    const rows = codes.map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
    const table = ["| code | what it means |", "| --- | --- |", ...rows].join("\n");
    document = document.replace(new RegExp(`(<!-- ${type} -->\\n\\n)(?:\\|.*\\n)*`), `$1${table}\n`);
  }
  return document;
}

/** The codes of a union type, each with the comment above it. */
function codesOf(source: string, type: string): readonly (readonly [code: string, meaning: string])[] {
  const [, union = ""] = new RegExp(`export type ${type} =\\n([^]*?");\\n`).exec(source) ?? [];
  const codes = [...union.matchAll(/\/\*\* (.*) \*\/\n\s*\| "(\w+)"/g)].map(
    ([, meaning = "", code = ""]) => [code, meaning] as const,
  );
  const all = union.match(/"\w+"/g) ?? [];
  if (codes.length === 0 || codes.length !== all.length) throw new Error(`${type}: each code needs its comment`);
  return codes;
}
