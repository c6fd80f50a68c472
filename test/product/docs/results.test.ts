import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import answers from "../../frameworks/conformance/answers.json" with { type: "json" };
import { CASES } from "../../frameworks/paths/cases.ts";
import { PROXIES } from "../../frameworks/paths/proxies.ts";
import { ROOT } from "./code-blocks.ts";

/** Where the documents look for a test that they name by its folder and file. */
const ROOMS = ["behaviour", "frameworks", "."];
const MIN_OF_A_KIND = 6;
/** What a title takes from a table of cases. */
const PLACEHOLDER = /\$\{.*?\}|%\w/g;

/** The table of places, which a test holds to the tests. */
const PLACES = readFileSync(join(ROOT, "docs", "paths.md"), "utf8");

interface Row {
  reports: { number: string; path: string; url: string }[];
  tests: string[];
}

/** The rows of each table, by the heading above it; the last column names the tests. */
function readTables(document: string): [heading: string, rows: Row[]][] {
  const [, ...sections] = readFileSync(join(ROOT, "docs", "results", document), "utf8").split(/^## /m);
  return sections.map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    const [, , ...rows] = lines.filter((line) => line.startsWith("|"));
    return [heading, rows.map(toRow)];
  });
}

function toRow(line: string): Row {
  const links = [
    ...line.matchAll(/\[[^\]]*?[ #](\d+)\]\((https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(?:issues|pull)\/(\d+))\)/g),
  ];
  const [last = ""] = line.split(/(?<!\\)\|/).slice(-2, -1);
  return {
    reports: links.map(([, number = "", url = "", path = ""]) => ({ number, path, url })),
    tests: last.split("<br>").map((name) => name.trim()),
  };
}

function patternOf(title: string): RegExp {
  const parts = title.split(PLACEHOLDER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`);
}

/** Whether the source has these titles, one within the other; what a title takes from its table may be anything. */
function hasTitles(source: string, titles: string): boolean {
  const known = [...source.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)]
    .map(([, text, template]) => text ?? template ?? "")
    .filter((text) => /[a-z]{3}/i.test(text.replaceAll(PLACEHOLDER, "")))
    .map((text) => patternOf(text.replaceAll('\\"', '"')));
  const isKnown = (title: string) => known.some((pattern) => pattern.test(title));
  const parts = titles.split(": ");
  return parts.some((_, index) => {
    const rest = parts.slice(index + 1).join(": ");
    return isKnown(parts.slice(0, index + 1).join(": ")) && (rest === "" || hasTitles(source, rest));
  });
}

function isTest(name: string): boolean {
  const [where = "", ...titles] = name.split(": ");
  if (where === "conformance") return Object.hasOwn(answers, titles.join(": "));
  if (where === "paths") return isCaseOfPaths(titles);
  const ofRooms = ROOMS.flatMap((room) => [
    `test/${room}/${where}`,
    `test/${room}/${where}/${where.split("/").at(-1)}`,
  ]);
  const file = [where, ...ofRooms].map((path) => join(ROOT, `${path}.test.ts`)).find(existsSync);
  return file !== undefined && hasTitles(readFileSync(file, "utf8"), titles.join(": "));
}

function isCaseOfPaths([place = "", ...title]: readonly string[]): boolean {
  const isProxy = PROXIES.some((proxy) => proxy.title === place);
  return (isProxy || PLACES.includes(`\n| ${place} |`)) && Object.hasOwn(CASES, title.join(": "));
}

describe.each(["hosts.md", "honest-users.md", "newer-reports.md"])("docs/results/%s", (document) => {
  const tables = readTables(document);
  const rows = tables.flatMap(([, ofTable]) => ofTable);

  it("names tests that exist", () => {
    expect(rows.flatMap(({ tests }) => tests).filter((name) => !isTest(name))).toEqual([]);
  });

  it("names the report of each case, by its number", () => {
    expect(rows.filter(({ reports }) => reports.length === 0)).toEqual([]);
    expect(rows.flatMap(({ reports }) => reports).filter(({ number, path }) => number !== path)).toEqual([]);
  });

  it.each(tables.filter(([heading]) => heading !== "Answers that shared caches keep"))(
    "has several of: %s",
    (_, ofTable) => {
      expect(ofTable.length).toBeGreaterThanOrEqual(MIN_OF_A_KIND);
    },
  );
});
