import { ConfigError } from "../../engine/config/jsonc.ts";
import { readSessionConfig } from "../../engine/config/session-config.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import type { PolicyCheck, PolicyProblem } from "../contract/policies.ts";
import { Refusal } from "../refusal.ts";

/** Reads a text by the rules for the file and lists every problem with its line. */
export function checkText(text: string): PolicyCheck & { config: SessionConfig | undefined } {
  try {
    const { config, warnings } = readSessionConfig(text);
    return { isValid: true, problems: [], warnings: warnings.map(withLine), config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { isValid: false, problems: error.problems.map(withLine), warnings: [], config: undefined };
  }
}

/** Throws a refusal with all problems for a text that cannot be used. */
export function readText(text: string): SessionConfig {
  const { config, problems } = checkText(text);
  if (config) return config;
  const [first] = problems;
  const where = first?.line == null ? "" : ` (line ${first.line})`;
  throw new Refusal({
    type: "PolicyRefused",
    message: `${first?.message ?? "The policy is not valid."}${where}`,
    problems,
  });
}

const PLACE = /^session_config\.jsonc line (\d+)(?:, |: )?/;

function withLine(problem: string): PolicyProblem {
  const line = PLACE.exec(problem)?.[1];
  return { line: line === undefined ? null : Number(line), message: problem.replace(PLACE, "") };
}
