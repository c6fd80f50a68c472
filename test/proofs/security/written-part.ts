import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../", import.meta.url);

/** The part of a document that a script writes, between two marker lines. */
export interface WrittenPart {
  /** From the root of the repository. */
  readonly document: string;
  readonly start: string;
  readonly end: string;
}

export function readPart(part: WrittenPart): string {
  return split(part).written.trim();
}

export function writePart(part: WrittenPart, text: string): void {
  const { before, after } = split(part);
  writeFileSync(pathOf(part), `${before}${part.start}\n\n${text}\n\n${part.end}${after}`);
}

function split(part: WrittenPart): { before: string; written: string; after: string } {
  const { document, start, end } = part;
  const [before, rest] = readFileSync(pathOf(part), "utf8").split(start);
  const [written, after] = rest?.split(end) ?? [];
  if (before === undefined || written === undefined || after === undefined)
    throw new Error(`${document}: expected the lines ${start} and ${end}`);
  return { before, written, after };
}

function pathOf({ document }: WrittenPart): string {
  return fileURLToPath(new URL(document, ROOT));
}
