import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./code-blocks.ts";

const SOURCES = ["core/src", "middleware-next/src"];

it.each(["docs/troubleshooting.md", "docs/next-troubleshooting.md"])(
  "every text of ours that users look for in %s is written somewhere",
  (document) => {
    const text = readFileSync(join(ROOT, document), "utf8");
    const firstCells = [...text.matchAll(/^\| (.*?) \| /gm)].map(([, cell = ""]) => cell);
    const quoted = firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, words = ""]) => words));
    const ours = quoted.filter((words) => /^(byo-session: |ERR_|a session was|a page cannot)/.test(words));
    expect(ours.length).toBeGreaterThan(5);
    const written = SOURCES.map(sourceBelow).join("\n");
    // What differs from time to time is left out there as "…".
    const parts = ours.flatMap((words) => words.split("…").map((part) => part.trim()));
    expect(parts.filter((part) => !written.includes(part))).toEqual([]);
  },
);

/** The code below a folder, its long strings in one piece, and without what is filled into them. */
function sourceBelow(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(ROOT, folder, name), "utf8"))
    .join("\n")
    .replaceAll(/["'`] \+\s*["'`]/g, "")
    .replaceAll(/\$\{[^}]*\}/g, "")
    .replaceAll(/ {2,}/g, " ");
}
