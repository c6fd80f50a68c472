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

const NOT_RUN = "not run";

function resultOf(run: number, failed: number): string {
  if (run === 0) return NOT_RUN;
  return failed === 0 ? `${run} passed` : `${failed} of ${run} FAILED`;
}

/** Whether the run had all tests of the checklist. */
export function isComplete(results: readonly ChecklistResult[]): boolean {
  return results.every(({ result }) => result !== NOT_RUN);
}

/** For a terminal. */
export function plainTable(results: readonly ChecklistResult[]): string {
  const shown = results.filter(({ result }) => result !== NOT_RUN);
  const width = Math.max(...shown.map(({ result }) => result.length));
  const lines = shown.map(({ number, result, requirement }) => `${number}  ${result.padEnd(width)}  ${requirement}`);
  if (!isComplete(results)) lines.push(`${results.length - shown.length} others were not run`);
  return lines.join("\n");
}

/** For the document, which lies in docs/results. Tests of one file stand together, each by the words that its cases share. */
export function markdownTable(results: readonly ChecklistResult[]): string {
  const rows = results.map(({ number, requirement, attack, tests, result }) => {
    const files = Map.groupBy(tests, ({ file }) => file);
    const where = [...files].map(([file, ofFile]) => `${link(file)}: ${cell(sharedNames(ofFile).join("; "))}`);
    return `| ${number} | ${cell(requirement)} | ${cell(attack)} | ${where.join("<br>")} | ${result} |`;
  });
  return [HEAD, "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

const HEAD = "| No. | Requirement | Attack | Tests | Result |";

function link(file: string): string {
  const name = file.split("/").at(-1);
  return `[${name}](../../${file})`;
}

const MAX_NAMES = 3;

/** Some names, of tests that begin differently: the cases of one test differ in what was filled in. */
function sharedNames(tests: readonly FinishedTest[]): string[] {
  const names = tests.map(({ name }) => name.replace(/^\d\d(?:(?:, | and )\d\d)*:? /, ""));
  const groups = Map.groupBy(names, (name) => name.split(/[ :]/).slice(0, 2).join(" "));
  const shown = [...groups.values()].flatMap(([first = ""]) => first).slice(0, MAX_NAMES);
  return names.length > shown.length ? [...shown, `and ${names.length - shown.length} more`] : shown;
}

/** Text in a cell of a Markdown table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
