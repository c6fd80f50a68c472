import { type ExplainedSetting, policyBookOf } from "../../engine/policy/policy.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import type { PolicySetting } from "../contract/sessions.ts";

/** Every setting that applies to these tags, with its layer and where that layer is written. */
export function explainPolicy(config: SessionConfig, file: SessionConfig, tags: readonly string[]): PolicySetting[] {
  const inFile = policyBookOf(file).explain(tags);
  return policyBookOf(config)
    .explain(tags)
    .map((setting) => ({ ...setting, origin: originOf(setting, inFile) }));
}

/** A value that the file alone would yield counts as the file's, whatever else was edited. */
function originOf(setting: ExplainedSetting, inFile: readonly ExplainedSetting[]): PolicySetting["origin"] {
  if (setting.source === "default") return "built-in";
  const isSame = (other: ExplainedSetting) => JSON.stringify(other) === JSON.stringify(setting);
  return inFile.some(isSame) ? "file" : "dashboard";
}
