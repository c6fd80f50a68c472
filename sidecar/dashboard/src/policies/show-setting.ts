import { exactDuration } from "../format/duration.ts";
import { infoOfSetting } from "./catalogue.ts";

/** A value as people say it: "14 days" for 1209600, "Yes" for true. */
function showSetting(key: string, value: unknown): string {
  const setting = infoOfSetting(key);
  if (value === null || value === undefined) return "Not set";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") {
    if (!key.endsWith("_secs")) return String(value);
    return value === 0 && setting?.type === "secs" && setting.zero ? setting.zero : exactDuration(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? "None" : value.join(", ");
  if (isLimit(value)) return `${value.max}, then ${words(value.mode)}`;
  return typeof value === "string" ? words(value) : JSON.stringify(value);
}

/** One side of a change: the value, or what applies instead of one that is not set there. */
export function showSide(
  { layer, setting }: { layer: string; setting: string },
  value: unknown,
  inForce: unknown,
): string {
  if (value !== null && value !== undefined) return showSetting(setting, value);
  const info = infoOfSetting(setting);
  if (info === undefined) return "Not set";
  // A revision of before this was kept says nothing of what the defaults were.
  if (inForce === undefined && layer !== "defaults") return "As the defaults then";
  return `${showInForce(setting, inForce ?? info.builtIn)} (${layer === "defaults" ? "built in" : "as the defaults"})`;
}

/** The value in force, also if it is not set: "All" without a list of allowed addresses. */
export function showInForce(key: string, value: unknown): string {
  return value === null || value === undefined ? (infoOfSetting(key)?.unset ?? "Not set") : showSetting(key, value);
}

/** "drop_oldest" → "drop oldest". */
export function words(value: string): string {
  return value.replaceAll("_", " ");
}

function isLimit(value: unknown): value is { max: number; mode: string } {
  return (
    typeof value === "object" && value !== null && "max" in value && "mode" in value && typeof value.mode === "string"
  );
}
