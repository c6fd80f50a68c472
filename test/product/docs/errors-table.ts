import { readFile } from "node:fs/promises";
import { DATABASE_CAUSES } from "../../../sidecar/src/engine/causes/database-causes.ts";
import { EXIT } from "../../../sidecar/src/engine/causes/exit-codes.ts";
import { FOLDER_CAUSES, LISTEN_CAUSES } from "../../../sidecar/src/engine/causes/process-causes.ts";

const EXIT_CODES = [
  [EXIT.unreachable, "something is out of reach and may come back; a supervisor may try again"],
  [EXIT.unexpected, "a bug: the output has a stack"],
  [EXIT.files, "files cannot be used"],
  [EXIT.busy, "something is in use, or used up"],
  [EXIT.tls, "the other end cannot be trusted"],
  [EXIT.denied, "a right is missing"],
  [EXIT.setting, "a setting is wrong; trying again does not help"],
] as const;
const CAUSES = [
  ["Postgres", DATABASE_CAUSES],
  ["a port", LISTEN_CAUSES],
  ["`DATA_DIR`", FOLDER_CAUSES],
] as const;

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
    document = withTable(document, type, ["| code | what it means |", "| --- | --- |", ...rows]);
  }
  const exits = EXIT_CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`);
  const causes = CAUSES.flatMap(([where, list]) =>
    list.map(({ what, exit, passes }) => `| ${where} | ${what} | ${exit} | ${passes ? "yes" : ""} |`),
  );
  document = withTable(document, "exit codes", ["| code | |", "| --- | --- |", ...exits]);
  return withTable(document, "causes", [
    "| where | cause | code | a start waits |",
    "| --- | --- | --- | --- |",
    ...causes,
  ]);
}

function withTable(document: string, name: string, lines: readonly string[]): string {
  return document.replace(new RegExp(`(<!-- ${name} -->\\n\\n)(?:\\|.*\\n)*`), `$1${lines.join("\n")}\n`);
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
