import { readSources } from "../architecture/sources.ts";

/** What engines that speak Postgres' protocol refuse most often. */
export const FEATURES: readonly [feature: string, pattern: RegExp][] = [
  ["`LISTEN`, `pg_notify`", /\bLISTEN \$|\bpg_notify\(/],
  ["advisory locks", /\bpg_(try_)?advisory_/],
  ["`SKIP LOCKED`", /\bSKIP LOCKED\b/],
  ["a CTE that changes rows", /\bAS \(\s*(UPDATE|INSERT INTO|DELETE FROM)\b/],
  ["triggers, PL/pgSQL", /\bTRIGGER\b|\bplpgsql\b/i],
  ["the catalogue (`pg_class`, `pg_trigger`)", /\bpg_(class|namespace|trigger|proc)\b/],
];

/** What a validation, a rotation or a proof of a device waits for. */
export const HOT_PATH: readonly string[] = [
  "session-read",
  "session-read-many",
  "session-start-rotation",
  "session-count-pending",
  "session-confirm",
  "session-set-pairs",
  "session-raise-user-agent",
];

export interface NamedStatement {
  name: string;
  text: string;
}

/** Every statement of the sidecar, by the name that it is prepared under, or by its file where the name is made. */
export function readStatements(): NamedStatement[] {
  const stores = readSources("sidecar/src").filter(({ path }) => /store\.ts$|\/engine\/db\//.test(path));
  return stores.flatMap(({ path, code }) =>
    code
      .split(/^(?=(?:export )?(?:const|async function|function) )/m)
      .map((text) => ({ name: /\bname: "([\w-]+)"/.exec(text)?.[1] ?? path.replace("sidecar/src/", ""), text })),
  );
}

export function usedIn(statements: readonly NamedStatement[], pattern: RegExp): string[] {
  return [...new Set(statements.filter(({ text }) => pattern.test(text)).map(({ name }) => name))].sort();
}

/** The document with the table of what our statements use. */
export function withEngines(document: string): string {
  const statements = readStatements();
  const hot = statements.filter(({ name }) => HOT_PATH.includes(name));
  const cell = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  const rows = FEATURES.map(
    ([feature, pattern]) => `| ${feature} | ${cell(usedIn(hot, pattern))} | ${cell(usedIn(statements, pattern))} |`,
  );
  const lines = ["| feature | hot path | everywhere |", "| --- | --- | --- |", ...rows];
  return document.replace(/(<!-- statements -->\n\n)(?:\|.*\n)*/, `$1${lines.join("\n")}\n`);
}
