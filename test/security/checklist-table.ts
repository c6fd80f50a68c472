import { CHECKLIST, numbersOf } from "./checklist.ts";

/** A test that has run, and where it stands. */
export interface FinishedTest {
  name: string;
  file: string;
  passed: boolean;
}

export interface ChecklistResult {
  number: string;
  requirement: string;
  attack: string;
  tests: FinishedTest[];
  result: string;
}

export function checklistResults(finished: readonly FinishedTest[]): ChecklistResult[] {
  return CHECKLIST.map(({ number, requirement, attack, elsewhere }) => {
    const tests = finished.filter(({ name }) => numbersOf(name).includes(number));
    const failed = tests.filter(({ passed }) => !passed).length;
    return { number, requirement, attack, tests, result: elsewhere ?? resultOf(tests.length, failed) };
  });
}

function resultOf(run: number, failed: number): string {
  if (run === 0) return "not run";
  return failed === 0 ? `${run} passed` : `${failed} of ${run} FAILED`;
}

/** For a terminal. */
export function plainTable(results: readonly ChecklistResult[]): string {
  const width = Math.max(...results.map(({ result }) => result.length));
  return results
    .map(({ number, result, requirement }) => `${number}  ${result.padEnd(width)}  ${requirement}`)
    .join("\n");
}

/** For the document. Tests of one file stand together, each by the words that its cases share. */
export function markdownTable(results: readonly ChecklistResult[]): string {
  const rows = results.map(({ number, requirement, attack, tests, result }) => {
    const files = Map.groupBy(tests, ({ file }) => file);
    const where = [...files].map(([file, ofFile]) => `${link(file)}: ${sharedNames(ofFile).join("; ")}`);
    return `| ${number} | ${cell(requirement)} | ${cell(attack)} | ${cell(where.join("<br>"))} | ${result} |`;
  });
  return [HEAD, "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

export const HEAD = "| No. | Requirement | Attack | Tests | Result |";

function link(file: string): string {
  const name = file.split("/").at(-1);
  return `[${name}](../${file})`;
}

/** Cases of one test differ in what was filled in: the name up to there says enough. */
function sharedNames(tests: readonly FinishedTest[]): string[] {
  const names = tests.map(({ name }) => name.replace(/^\d\d(?:(?:, | and )\d\d)*:? /, ""));
  const groups = Map.groupBy(names, (name) => name.split(/[ :]/).slice(0, 2).join(" "));
  return [...groups.values()].map(([first = "", ...others]) =>
    others.length > 0 ? `${first} (and ${others.length} more)` : first,
  );
}

function cell(text: string): string {
  return text
    .replaceAll("|", "\\|")
    .replace(/[<>](?!br>|$)/g, (char) => (char === "<" ? "&lt;" : "&gt;"))
    .replaceAll("&lt;br&gt;", "<br>");
}
