import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attackTable, openTests, resultsOf } from "./attack-table.ts";
import { ATTACKS } from "./attacks/index.ts";
import { ATTACKS_PART } from "./documents.ts";
import { readPart } from "./written-part.ts";

const SHOWN_BY = ATTACKS.flatMap(({ shownBy }) => shownBy);

it("every test that shows an attack is where the table says", () => {
  const missing = SHOWN_BY.filter(({ name, source }) => {
    const text = readFileSync(new URL(`../../../${source}`, import.meta.url), "utf8").replaceAll("\\", "");
    return !name.split(" > ").every((part) => text.includes(part.replace(": no input makes it pass", "")));
  });
  expect(missing.map(({ source, name }) => `${source}: ${name}`)).toEqual([]);
});

it("every attack has a test", () => {
  expect(ATTACKS.filter(({ shownBy }) => shownBy.length === 0).map(({ attack }) => attack)).toEqual([]);
});

it("docs/security.md has the attacks as they stand here, from a run", () => {
  const written = readPart(ATTACKS_PART);
  expect(written).toContain(" hosts)");
  expect(written.replace(/ \(\d+ hosts\)/g, ""), "node test/proofs/security/write-attacks.ts writes it").toBe(
    attackTable(),
  );
});

it("a run that misses a test, or in which one failed, shows nothing", () => {
  const passed = SHOWN_BY.map(({ name, ranIn }) => ({ name, file: `${ranIn}x`, passed: true }));
  expect(openTests(passed)).toEqual([]);
  expect(openTests(passed.slice(1))).toHaveLength(1);
  expect(openTests(passed.map((one, index) => ({ ...one, passed: index !== 0 })))).toHaveLength(1);
  const [each] = SHOWN_BY.filter(({ name }) => name.includes("$HOST"));
  const named = { name: "on 0.0.0.0, where the operator has said nothing", file: `${each?.ranIn}`, passed: true };
  expect(each && resultsOf(each, [named])).toEqual([named]);
});
