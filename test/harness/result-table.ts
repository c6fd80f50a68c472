import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export type ResultRow = Record<string, string | number>;

/** Rows as a Markdown table with aligned columns: for the end of a test's output, and for docs/results. */
export function resultTable(rows: readonly ResultRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const widthOf = (name: string) => Math.max(name.length, ...rows.map((row) => String(row[name]).length));
  const widths = new Map(names.map((name) => [name, widthOf(name)]));
  const cell = (name: string, text: string | number = "") =>
    typeof text === "number" ? String(text).padStart(widths.get(name) ?? 0) : text.padEnd(widths.get(name) ?? 0);
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(names.map((name) => cell(name, name))),
    line(names.map((name) => "-".repeat(widths.get(name) ?? 0))),
    ...rows.map((row) => line(names.map((name) => cell(name, row[name])))),
  ].join("\n");
}

/** Prints a table as one block, so that the lines of other files cannot come between. */
export function printResults(title: string, rows: readonly ResultRow[]): void {
  console.log(`\n${title}\n${resultTable(rows)}\n`);
}

/** Writes what a long run measured to docs/results, and on what. */
export async function writeResults(name: string, title: string, sections: readonly string[]): Promise<void> {
  const file = fileURLToPath(new URL(`../../docs/results/${name}.md`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  const made = `Node ${process.version}, ${cpus().length} processors. Made by \`npm run test:long\`.`;
  await writeFile(file, `# ${title}\n\n${[...sections, made].join("\n\n")}\n`);
}
