import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = "docs/adr";

/** The list of the records, with their numbers, titles and states, and the numbers that no record has. */
export function withDecisions(text: string): string {
  const records = readdirSync(FOLDER).filter((name) => /^(?!0000)\d{4}-/.test(name));
  const rows = records.sort().map((name) => {
    const record = readFileSync(join(FOLDER, name), "utf8");
    const [, number, title] = /^# (\d+)\. (.+)$/m.exec(record) ?? [];
    const [, state] = /^Date: .*? · Status: (.+)$/m.exec(record) ?? [];
    if (Number(number) !== Number(name.slice(0, 4)) || state === undefined) {
      throw new Error(`${name}: expected "# ${Number(name.slice(0, 4))}. Title", and a line with its date and status`);
    }
    return { number: Number(number), line: `| ${number} | [${title}](${name}) | ${state} |` };
  });
  const numbers = new Set(rows.map(({ number }) => number));
  const missing = Array.from({ length: Math.max(...numbers) }, (_, index) => index + 1).filter((n) => !numbers.has(n));
  return text.replace(
    /(<!-- decisions -->\n\n)[\s\S]*$/,
    `$1${["| | decision | status |", "| --- | --- | --- |", ...rows.map(({ line }) => line)].join("\n")}

No record has ever had the numbers ${missing.join(", ")}.
`,
  );
}
