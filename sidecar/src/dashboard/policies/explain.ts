import { type ExplainedSetting, policyBookOf } from "../../engine/policy/policy.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import type { PolicySetting } from "../contract/sessions.ts";

/** Every setting that holds for these tags, with the layer it comes from and where that was written. */
export function explainPolicy(config: SessionConfig, file: SessionConfig, tags: readonly string[]): PolicySetting[] {
  const inFile = policyBookOf(file).explain(tags);
  return policyBookOf(config)
    .explain(tags)
    .map((setting) => ({ ...setting, origin: originOf(setting, inFile) }));
}

/** A value that the file alone would give too is the file's, whatever else was edited. */
function originOf(setting: ExplainedSetting, inFile: readonly ExplainedSetting[]): PolicySetting["origin"] {
  if (setting.source === "default") return "built-in";
  const isSame = (other: ExplainedSetting) => JSON.stringify(other) === JSON.stringify(setting);
  return inFile.some(isSame) ? "file" : "dashboard";
}
