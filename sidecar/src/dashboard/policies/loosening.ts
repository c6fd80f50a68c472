import { CidrSet } from "../../engine/policy/ip-address.ts";
import { type PolicyBook, policyBookOf, type SaidOfSetting } from "../../engine/policy/policy.ts";
import { DOCUMENT_SETTINGS, SETTINGS } from "../../engine/policy/settings.ts";
import { type Compared, isLooser, stricter } from "../../engine/policy/strictness.ts";
import {
  SETTING_NAMES,
  type SessionConfig,
  type SessionSettings,
  type SettingName,
  type TagSettingName,
} from "../../engine/policy/values.ts";
import type { PolicyChange } from "../contract/policies.ts";

const TAG_LIMIT: TagSettingName = "max_concurrent_sessions_per_user_per_tag";
/** Comparisons of two numbers or two networks: this many take a fifth of a second. */
const BUDGET = 1_000_000;
const MAX_FOUND = 100;

/**
 * What an edit allows that was refused before: at most 100 findings. It compares sessions without tags, with each tag
 * and with each pair of tags. A setting comes from one layer, or from the strictest of equal layers, so a session with
 * more tags cannot lose what no pair of them loses. With too many pairs to compare, the edit counts as loosening.
 */
export function looseningOf(before: SessionConfig, after: SessionConfig): PolicyChange[] {
  const [old, now] = [policyBookOf(before), policyBookOf(after)];
  const found = new Findings();
  for (const change of topLevel(before, after)) found.add([""], change.setting, change.before, change.after);
  try {
    for (const setting of SETTING_NAMES) compareSetting(setting, old, now, found);
    compareLimits(before, after, found);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    if (!found.isFull) found.add([""], "tags", before.tags.length, after.tags.length);
  }
  return found.inOrder();
}

/** The budget for comparing is spent, or enough was found. */
class TooMuch extends Error {}

class Findings {
  readonly #changes: { layers: readonly string[]; change: PolicyChange }[] = [];
  readonly #known = new Map<string, Set<string>>();
  #left = BUDGET;

  /** Compares a setting for sessions with these layers, unless one layer alone shows the result. */
  compare(layers: readonly string[], setting: string, before: Compared, after: Compared): void {
    this.spend(1 + sizeOf(before) + sizeOf(after));
    if (!isLooser(setting, before, after)) return;
    const known = this.#known.get(setting);
    if (["defaults", ...layers].some((layer) => known?.has(layer))) return;
    this.add(layers, setting, shown(before), shown(after));
    if (this.isFull) throw new TooMuch();
  }

  get isFull(): boolean {
    return this.#changes.length >= MAX_FOUND;
  }

  add(layers: readonly string[], setting: string, before: unknown, after: unknown): void {
    const layer = layers.join(" + ");
    this.#changes.push({ layers, change: { layer, setting, before, after } });
    const known = this.#known.get(setting) ?? new Set();
    this.#known.set(setting, known.add(layer));
  }

  spend(comparisons: number): void {
    this.#left -= comparisons;
    if (this.#left < 0) throw new TooMuch();
  }

  /** The whole document, the defaults, each tag, each pair. */
  inOrder(): PolicyChange[] {
    const place = (layers: readonly string[]) =>
      layers[0] === "" ? 0 : layers[0] === "defaults" ? 1 : 1 + layers.length;
    return this.#changes
      .toSorted((a, b) => place(a.layers) - place(b.layers) || (a.change.layer < b.change.layer ? -1 : 1))
      .map(({ change }) => change);
  }
}

function sizeOf(value: Compared): number {
  return value instanceof CidrSet ? value.size : 1;
}

function shown(value: Compared): unknown {
  return value instanceof CidrSet ? value.toStrings() : value;
}

interface Said<T> {
  readonly rank: number;
  readonly value: T;
}

/** The value of a setting for sessions with some tags, and the layers that decide it. */
class SettingBefore<K extends SettingName> {
  readonly tags: ReadonlyMap<string, Said<SessionSettings[K]>>;
  readonly otherwise: SessionSettings[K] | undefined;
  readonly #setting: K;

  constructor(setting: K, { tags, otherwise }: SaidOfSetting<SessionSettings[K]>) {
    this.tags = new Map(tags.map(({ tag, ...said }) => [tag, said]));
    this.otherwise = otherwise;
    this.#setting = setting;
  }

  of(tag: string, other?: string): SessionSettings[K] | null {
    const a = this.tags.get(tag);
    const b = other === undefined ? undefined : this.tags.get(other);
    if (!a || !b) return (a ?? b)?.value ?? this.otherwise ?? null;
    return a.rank === b.rank
      ? stricter(SETTINGS[this.#setting], a.value, b.value)
      : a.rank < b.rank
        ? a.value
        : b.value;
  }

  /** What merging the two costs. */
  cost(tag: string, other: string): number {
    const size = (said: Said<SessionSettings[K]> | undefined) => (said?.value instanceof CidrSet ? said.value.size : 0);
    return size(this.tags.get(tag)) + size(this.tags.get(other));
  }
}

function compareSetting<K extends SettingName>(setting: K, old: PolicyBook, now: PolicyBook, found: Findings): void {
  const was = new SettingBefore(setting, old.said(setting));
  const is = new SettingBefore(setting, now.said(setting));
  found.compare(["defaults"], setting, was.otherwise ?? null, is.otherwise ?? null);
  const tags = [...new Set([...was.tags.keys(), ...is.tags.keys()])].sort();
  for (const tag of tags) found.compare([tag], setting, was.of(tag), is.of(tag));
  // If two tags both keep their values and their rank, the pair loses nothing that neither loses alone.
  const moved = new Set(tags.filter((tag) => was.tags.get(tag)?.rank !== is.tags.get(tag)?.rank));
  for (const [tag, other] of pairsWith(moved, tags, found)) {
    found.spend(was.cost(tag, other) + is.cost(tag, other));
    found.compare([tag, other], setting, was.of(tag, other), is.of(tag, other));
  }
}

/** A tag's limit is enforced by its own mode, or by the mode of the session's other tags. */
function compareLimits(before: SessionConfig, after: SessionConfig, found: Findings): void {
  const [old, now] = [policyBookOf(before), policyBookOf(after)];
  const limited = [...new Set([...before.tags, ...after.tags].filter(isLimiting).map(({ tag }) => tag))].sort();
  const limit = (book: PolicyBook, tag: string, other: string) => {
    const own = book.limitsOf([tag, other]).find((one) => one.tag === tag);
    return own ? { max: own.max, mode: own.mode } : null;
  };
  for (const tag of limited) found.compare([tag], TAG_LIMIT, limit(old, tag, tag), limit(now, tag, tag));
  const [was, is] = [old, now].map(
    (book) => new Map(book.said("on_session_limit_exceeded").tags.map(({ tag, rank }) => [tag, rank])),
  );
  const modes = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort();
  const moved = new Set([...modes, ...limited].filter((tag) => was?.get(tag) !== is?.get(tag)));
  for (const tag of limited) {
    for (const other of moved.has(tag) ? modes : moved) {
      found.spend(10);
      if (other === tag) continue;
      found.compare([tag, other].sort(), TAG_LIMIT, limit(old, tag, other), limit(now, tag, other));
    }
  }
}

function isLimiting({ max_concurrent_sessions_per_user_per_tag: limit }: SessionConfig["tags"][number]): boolean {
  return limit !== undefined;
}

/** Each pair of tags, once, in which at least one tag has changed. */
function* pairsWith(moved: ReadonlySet<string>, tags: readonly string[], found: Findings): Generator<[string, string]> {
  for (const tag of moved) {
    for (const other of tags) {
      found.spend(1);
      if (other === tag || (moved.has(other) && other < tag)) continue;
      yield tag < other ? [tag, other] : [other, tag];
    }
  }
}

const DOCUMENT_NAMES = Object.keys(DOCUMENT_SETTINGS) as readonly (keyof typeof DOCUMENT_SETTINGS)[];

function topLevel(before: SessionConfig, after: SessionConfig): Omit<PolicyChange, "layer">[] {
  return DOCUMENT_NAMES.flatMap((setting) =>
    isLooser(setting, before[setting], after[setting])
      ? [{ setting, before: before[setting], after: after[setting] }]
      : [],
  );
}
