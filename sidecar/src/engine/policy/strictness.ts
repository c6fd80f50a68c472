import { CidrSet } from "./ip-address.ts";
import type { Setting } from "./setting.ts";
import { SETTINGS, TAG_SETTINGS } from "./settings.ts";
import { type LimitMode, rowOf } from "./values.ts";

type Scalar = number | boolean | string;
/** Networks as texts or as a set. Null: not set. */
export type Compared = Scalar | string[] | CidrSet | { max: number; mode: LimitMode } | null;

/** The stricter of two values: it wins between tags of the same priority. Lists of networks are combined. */
export function stricter<V extends Scalar | CidrSet>(setting: Setting, a: V, b: V): V;
export function stricter(setting: Setting, a: Scalar | CidrSet, b: Scalar | CidrSet): Scalar | CidrSet {
  if (setting.type === "networks" && a instanceof CidrSet && b instanceof CidrSet) {
    return setting.stricter === "less" ? a.intersect(b) : a.unite(b);
  }
  return looseness(setting, a) <= looseness(setting, b) ? a : b;
}

/** Whether a setting allows more than before. Doubtful cases count as looser. */
export function isLooser(name: string, before: Compared, after: Compared): boolean {
  if (before === after) return false;
  if (isLimit(before) || isLimit(after)) return isLooserLimit(before, after);
  const setting = rowOf(name);
  if (!setting) return JSON.stringify(before) !== JSON.stringify(after);
  if (setting.type === "networks") return isLooserList(setting.stricter, setOf(before), setOf(after));
  if (setting.type === "tag types") return setting.stricter === "more" && isShorter(before, after);
  return looseness(setting, after) > looseness(setting, before);
}

/** How much a value other than a list allows, compared with others of its setting. No value allows the most. */
function looseness(setting: Setting, value: Compared): number {
  switch (setting.type) {
    case "flag":
      return value === setting.stricter ? 0 : 1;
    case "choice":
      return placeOf(value ?? setting.unsetBefore, setting.strictestFirst) - (value === null ? 0.5 : 0);
    case "secs":
    case "count":
      if (typeof value !== "number" || (value === 0 && setting.zero !== undefined)) return LOOSEST;
      return setting.stricter === "less" ? value : -value;
    default:
      return LOOSEST;
  }
}

const LOOSEST = Number.POSITIVE_INFINITY;

function placeOf(word: unknown, strictestFirst: readonly unknown[]): number {
  const place = strictestFirst.indexOf(word);
  return place === -1 ? LOOSEST : place;
}

function isLooserList(strictness: "less" | "more", before: CidrSet | undefined, after: CidrSet | undefined): boolean {
  if (!before || !after) return before !== undefined;
  return !(strictness === "less" ? after.isWithin(before) : before.isWithin(after));
}

function setOf(value: Compared): CidrSet | undefined {
  return Array.isArray(value) ? CidrSet.of(value) : value instanceof CidrSet ? value : undefined;
}

/** Whether a type has left the list. */
function isShorter(before: Compared, after: Compared): boolean {
  const kept = new Set(Array.isArray(after) ? after : []);
  return !kept.has("*") && Array.isArray(before) && before.some((type) => !kept.has(type));
}

/** A tag's limit together with its mode. */
function isLooserLimit(before: Compared, after: Compared): boolean {
  if (!isLimit(before)) return false;
  if (!isLimit(after)) return true;
  const [limit, mode] = [TAG_SETTINGS.max_concurrent_sessions_per_user_per_tag, SETTINGS.on_session_limit_exceeded];
  return (
    looseness(limit, after.max) > looseness(limit, before.max) ||
    looseness(mode, after.mode) > looseness(mode, before.mode)
  );
}

function isLimit(value: Compared): value is Extract<Compared, { max: number }> {
  return typeof value === "object" && value !== null && "max" in value;
}
