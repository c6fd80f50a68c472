import { readFileSync } from "node:fs";
import { factsOf } from "../causes/facts.ts";

const SUFFIX = "_FILE";

/** The variables that name the file of a secret. */
export const fileVariables = (secrets: readonly string[]): string[] => secrets.map((name) => `${name}${SUFFIX}`);

/**
 * Secrets that come as files, as Docker and Kubernetes mount them: with `ENCRYPTION_KEY_FILE=/run/secrets/key`, the file
 * has what `ENCRYPTION_KEY` would. Editors and `echo` end a file with a line break, which does not count.
 */
export function readSecretFiles(
  set: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
): { values: Record<string, string>; problems: string[] } {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of secrets) {
    const path = set[`${name}${SUFFIX}`];
    if (path === undefined) continue;
    if (set[name] !== undefined) {
      problems.push(`${name}${SUFFIX}: ${name} is set too, and only one of them can be meant; remove one`);
      continue;
    }
    try {
      const value = readFileSync(path, "utf8").replace(/\r?\n$/, "");
      if (value === "")
        problems.push(`${name}${SUFFIX}: expected ${path} to have the value of ${name}, but it is empty`);
      else values[name] = value;
    } catch (error) {
      problems.push(
        `${name}${SUFFIX}: ${path} cannot be read (${factsOf(error).code}); expected a file with the value of ${name}`,
      );
    }
  }
  return { values, problems };
}
