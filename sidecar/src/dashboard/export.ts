import { Readable } from "node:stream";
import { stringify } from "csv-stringify/sync";
import type { EXPORT_FORMATS } from "./contract/sessions.ts";
import type { FileDownload } from "./handlers.ts";

type Cell = string | number | boolean | null;
type Column<T> = readonly [name: string, value: (item: T) => Cell];

/** A file of many rows, written as they are read: its size costs no memory, and a slow reader slows the reading. */
export function exportFile<T>(
  name: string,
  format: (typeof EXPORT_FORMATS)[number],
  columns: readonly Column<T>[],
  pages: AsyncIterable<readonly T[]>,
): FileDownload {
  const content = Readable.from(format === "csv" ? csv(columns, pages) : json(pages));
  const contentType = format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8";
  return { filename: `${name}.${format}`, contentType, content };
}

/** A cell that begins as a formula is one when a spreadsheet opens the file: it gets an apostrophe before it. */
async function* csv<T>(columns: readonly Column<T>[], pages: AsyncIterable<readonly T[]>): AsyncGenerator<string> {
  yield stringify([columns.map(([name]) => name)]);
  for await (const page of pages) {
    const rows = page.map((item) => columns.map(([, value]) => withoutBreaks(value(item))));
    if (rows.length > 0) yield stringify(rows, { escape_formulas: true, cast: { boolean: String } });
  }
}

/** A line break, also in quotes, makes a row of its own in some readers, and its beginning a formula again. */
function withoutBreaks(cell: Cell): Cell {
  return typeof cell === "string" ? cell.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trimStart() : cell;
}

async function* json<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const page of pages) {
    for (const item of page) {
      yield separator + JSON.stringify(item);
      separator = ",\n";
    }
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
