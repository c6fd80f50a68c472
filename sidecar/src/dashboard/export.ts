import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { stringify } from "csv-stringify/sync";
import { type EXPORT_FORMATS, EXPORT_MAX_ROWS } from "./contract/sessions.ts";
import { Refusal } from "./refusal.ts";

/** A file instead of an answer in JSON. */
export interface FileDownload {
  filename: string;
  contentType: string;
  content: Readable | string;
}

type Cell = string | number | boolean | null;

export interface Export<Row, Item> {
  name: string;
  format: (typeof EXPORT_FORMATS)[number];
  /** The columns of the CSV. */
  columns: readonly (readonly [name: string, value: (item: Item) => Cell])[];
  /** Reads the rows after this one. */
  read(after: Row | undefined, limit: number): Promise<readonly Row[]>;
  /** The exported fields of a row. */
  show(rows: readonly Row[]): readonly Item[] | Promise<readonly Item[]>;
}

/** Small enough to be written between two validations. */
const PAGE_SIZE = 200;
/** The pause between two pages: it leaves most of the time to other requests, however fast the reader is. */
const PAUSE_MS = 10;
const LEFT_OUT = `There are more rows than the ${EXPORT_MAX_ROWS} that an export can have. Narrow the filter.`;

/** Creates the files of exports. */
export interface Exports {
  /**
   * Streams a file: rows are written as they are read, so size costs no memory and a slow reader slows the reading.
   * Throws a `Busy` refusal if the person's previous export is still running.
   */
  file<Row, Item>(person: string, exported: Export<Row, Item>): FileDownload;
}

export function createExports(): Exports {
  const reading = new Set<string>();
  return {
    file(person, exported) {
      if (reading.has(person)) {
        throw new Refusal({
          type: "Busy",
          message: "Another export of yours is still running. Wait until it has finished.",
        });
      }
      reading.add(person);
      const file = exportFile(exported);
      file.content.once("close", () => reading.delete(person));
      return file;
    },
  };
}

function exportFile<Row, Item>(exported: Export<Row, Item>): FileDownload & { content: Readable } {
  const { name, format } = exported;
  const content = Readable.from(format === "csv" ? csv(exported) : json(exported));
  const contentType = format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8";
  return { filename: `${name}.${format}`, contentType, content };
}

/** The pages, then "more" if rows are left out, so that the file says so. */
async function* pagesOf<Row, Item>({ read, show }: Export<Row, Item>): AsyncGenerator<readonly Item[] | "more"> {
  let after: Row | undefined;
  for (let total = 0; total < EXPORT_MAX_ROWS; total += PAGE_SIZE) {
    const rows = await read(after, PAGE_SIZE);
    yield await show(rows);
    after = rows.at(-1);
    if (rows.length < PAGE_SIZE) return;
    await setTimeout(PAUSE_MS);
  }
  if ((await read(after, 1)).length > 0) yield "more";
}

/**
 * A spreadsheet runs a cell that begins like a formula, so such a cell gets a leading apostrophe. Every cell is quoted,
 * so that no reader splits one in two.
 */
async function* csv<Row, Item>(exported: Export<Row, Item>): AsyncGenerator<string> {
  const { columns } = exported;
  yield csvLines([columns.map(([name]) => name)]);
  for await (const page of pagesOf(exported)) {
    const rows =
      page === "more"
        ? [columns.map((_, at) => (at === 0 ? LEFT_OUT : null))]
        : page.map((item) => columns.map(([, value]) => harmless(value(item))));
    if (rows.length > 0) yield csvLines(rows);
  }
}

function csvLines(rows: Cell[][]): string {
  return stringify(rows, { quoted: true, quoted_empty: true, escape_formulas: true, cast: { boolean: String } });
}

/**
 * Where Excel separates cells by semicolons, as in half of Europe, commas and the quotes after them mean nothing, and
 * the text after a semicolon starts a new cell.
 */
const FORMULA_AFTER_SEMICOLON = /(;[\s"']*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;
/** Some readers start a new row at a line break even inside quotes, so its beginning could be a formula again. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

function harmless(cell: Cell): Cell {
  return typeof cell === "string"
    ? cell.replace(BREAKS, " ").trimStart().replace(FORMULA_AFTER_SEMICOLON, "$1'")
    : cell;
}

async function* json<Row, Item>(exported: Export<Row, Item>): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const page of pagesOf(exported)) {
    for (const item of page === "more" ? [{ leftOut: LEFT_OUT }] : page) {
      yield separator + JSON.stringify(item);
      separator = ",\n";
    }
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
