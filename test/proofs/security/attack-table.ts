import type { ShownBy } from "./attacks/attack.ts";
import { ATTACKS } from "./attacks/index.ts";
import { cell, type FinishedTest } from "./checklist-table.ts";

/** The tests of a run that belong to a row. */
export function resultsOf(shownBy: ShownBy, finished: readonly FinishedTest[]): FinishedTest[] {
  const isNamed = matcherOf(shownBy.name);
  return finished.filter(({ file, name }) => file.startsWith(shownBy.ranIn) && isNamed(name));
}

export function isOfAttacks(finished: FinishedTest): boolean {
  return ATTACKS.some(({ shownBy }) => shownBy.some((one) => resultsOf(one, [finished]).length > 0));
}

/** The tests that a run did not have, or that failed in it. */
export function openTests(finished: readonly FinishedTest[]): ShownBy[] {
  return ATTACKS.flatMap(({ shownBy }) => shownBy).filter((one) => {
    const results = resultsOf(one, finished);
    return results.length === 0 || results.some(({ passed }) => !passed);
  });
}

/** For the document, which lies in docs/. Without a run the hosts are not counted. */
export function attackTable(finished: readonly FinishedTest[] = []): string {
  const rows = ATTACKS.map(({ attack, has, gets, shownBy }) => {
    const tests = shownBy.map((one) => `${nameOf(one)}${hostsOf(one, finished)}`);
    return `| ${[cell(attack), cell(has), cell(gets), tests.join("<br>")].join(" | ")} |`;
  });
  return ["| Attack | The attacker has | What they get | Shown by |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function nameOf({ name, source }: ShownBy): string {
  return `[${source.split("/").at(-1)}](../${source}): ${cell(name.replace(/^\d\d(?:(?:, | and )\d\d)*:? /, "").replaceAll(" > ", " "))}`;
}

/** A test that runs on each host, on how many. */
function hostsOf(shownBy: ShownBy, finished: readonly FinishedTest[]): string {
  if (!shownBy.ranIn.endsWith("/") || finished.length === 0) return "";
  const hosts = new Set(resultsOf(shownBy, finished).map(({ file }) => file));
  return ` (${hosts.size} hosts)`;
}

/** Of a full name this is the end. With places to be filled in it stands for all tests that came of it. */
function matcherOf(name: string): (other: string) => boolean {
  const parts = name.split(/\$\w+|%\w/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?:^| > )${parts.join(".*")}$`);
  return (other) => pattern.test(other);
}
