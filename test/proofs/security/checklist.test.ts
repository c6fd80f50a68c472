import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CHECKLIST, numbersOf } from "./checklist.ts";
import { CHECKLIST_PART } from "./documents.ts";
import { readPart } from "./written-part.ts";

const HERE = new URL("./", import.meta.url);

it("every number of the checklist has a test here, or says where it comes from", () => {
  const sources = readdirSync(HERE)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(new URL(file, HERE), "utf8"));
  const names = sources.flatMap((source) =>
    [...source.matchAll(/["`](\d\d[ :,][^"`]*)["`]/g)].map(([, name = ""]) => name),
  );
  const covered = new Set(names.flatMap(numbersOf));
  const missing = CHECKLIST.filter(({ number, elsewhere }) => elsewhere === undefined && !covered.has(number));
  expect(missing.map(({ number }) => number)).toEqual([]);
  const known = new Set(CHECKLIST.map(({ number }) => number));
  expect([...covered].filter((number) => !known.has(number))).toEqual([]);
});

it("docs/results/security-checklist.md has the checklist as it stands here", () => {
  const rows = [...readPart(CHECKLIST_PART).matchAll(/^\| (\d\d) \| (.*?) \| (.*?) \|/gm)].map(
    ([, number, requirement, attack]) => [number, requirement, attack],
  );
  expect(rows).toEqual(CHECKLIST.map(({ number, requirement, attack }) => [number, requirement, attack]));
});
