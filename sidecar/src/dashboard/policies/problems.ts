import { ConfigError, readLoosely } from "../../engine/config/jsonc.ts";
import { readSessionConfig } from "../../engine/config/session-config.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import type { PolicyCheck, PolicyProblem } from "../contract/policies.ts";
import { Refusal } from "../refusal.ts";

/** Reads a text by the rules for the file and lists every problem with its line. */
export function checkText(text: string): PolicyCheck & { config: SessionConfig | undefined } {
  const listed = (problems: readonly string[]) => {
    const tagAt = tagsOf(text);
    return problems.map((problem) => problemOf(problem, tagAt));
  };
  try {
    const { config, warnings } = readSessionConfig(text);
    return { isValid: true, problems: [], warnings: warnings.length > 0 ? listed(warnings) : [], config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { isValid: false, problems: listed(error.problems), warnings: [], config: undefined };
  }
}

/** Throws a refusal with all problems for a text that cannot be used. */
export function readText(text: string): SessionConfig {
  const { config, problems } = checkText(text);
  if (config) return config;
  const [first] = problems;
  const where = first?.line == null ? "" : ` (${first.setting === null ? "" : `${first.setting}, `}line ${first.line})`;
  throw new Refusal({
    type: "PolicyRefused",
    message: `${first?.message ?? "The policy is not valid."}${where}`,
    problems,
  });
}

const PLACE = /^session_config\.jsonc line (\d+)(?:, |: )?/;
/** `tags[2].ip_allowlist[0]: ` or `defaults.absolute_lifetime_secs: `, as the place names it. */
const PATH = /^(?:defaults\.|tags\[(\d+)\]\.)?([a-z_]+)(?:\[\d+\])?: /;

/** Finds the setting that a problem is about, so that a form can show the problem there. */
function problemOf(problem: string, tagAt: (index: number) => string | undefined): PolicyProblem {
  const line = PLACE.exec(problem)?.[1];
  const message = problem.replace(PLACE, "");
  const place = { line: line === undefined ? null : Number(line), layer: null, setting: null };
  const path = PATH.exec(message);
  const [start = "", index, setting = ""] = path ?? [];
  if (!path || setting === "defaults" || setting === "tags") return { ...place, message };
  const layer = index !== undefined ? tagAt(Number(index)) : start.startsWith("defaults.") ? "defaults" : "";
  if (layer === undefined) return { ...place, message };
  return { ...place, layer, setting, message: message.slice(start.length) };
}

/** The names of the tags in the order of the text, which may not be valid. */
function tagsOf(text: string): (index: number) => string | undefined {
  const document = readLoosely(text);
  const tags = typeof document === "object" && document !== null && "tags" in document ? document.tags : undefined;
  return (index) => {
    const entry: unknown = Array.isArray(tags) ? tags[index] : undefined;
    return typeof entry === "object" && entry !== null && "tag" in entry ? String(entry.tag) : undefined;
  };
}
