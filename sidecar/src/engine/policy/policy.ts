import { LRUCache } from "lru-cache";
import { onceForEach } from "../once-for-each.ts";
import { CidrSet } from "./ip-address.ts";
import { mergeSetting, type SettingsLayer } from "./merge.ts";
import type { Compared } from "./strictness.ts";
import { tagType } from "./tags.ts";
import {
  BUILT_IN,
  type BuiltInName,
  type DocumentSettings,
  type LimitMode,
  NETWORKS_NAMES,
  SETTING_NAMES,
  type SessionConfig,
  type SessionSettings,
  type SettingName,
  type SettingsInFile,
  type TagSettingName,
} from "./values.ts";

/** The settings that apply to a session with one set of tags, by their names in the file. */
export type Policy = Readonly<Pick<SessionSettings, BuiltInName> & Partial<Omit<SessionSettings, BuiltInName>>> & {
  /** One entry for each tag of the set that limits its sessions. */
  readonly tagLimits: readonly TagLimit[];
};

export interface TagLimit {
  readonly tag: string;
  readonly max: number;
  readonly mode: LimitMode;
}

/** Where a setting of a policy comes from, by its name in the file. */
export interface ExplainedSetting {
  setting: SettingName | TagSettingName;
  /** Null: not set. */
  value: Exclude<Compared, CidrSet>;
  /** `default` (built in), `defaults` (of the file), or the tag; several tags, with commas, if all contributed. */
  source: string;
}

/** A setting before merging: among the tags of the lowest rank that set it, the stricter value wins. */
export interface SaidOfSetting<T> {
  readonly tags: readonly { readonly tag: string; readonly rank: number; readonly value: T }[];
  /** The value without such a tag. Undefined: not set. */
  readonly otherwise: T | undefined;
}

/** The policies of one configuration, and its settings that no tag can change. */
export interface PolicyBook extends Readonly<DocumentSettings> {
  /** The same object for the same tags, in any order. Tags that the file does not name change nothing. */
  policyFor(tags: readonly string[]): Policy;
  explain(tags: readonly string[]): ExplainedSetting[];
  /** The limits of these tags, as in the policy for them. */
  limitsOf(tags: readonly string[]): readonly TagLimit[];
  /** A setting as the file's tags and defaults have it, for merging elsewhere, such as in SQL. */
  said<K extends SettingName>(setting: K): SaidOfSetting<SessionSettings[K]>;
  /** Whether the tag can neither be added to a session nor removed from it. */
  isCreateOnly(tag: string): boolean;
  /** The shortest lifetime of any policy in this book: the search for ended sessions starts there. */
  readonly shortestLifetimeSecs: number;
  /** The shortest inactivity timeout of any policy. Undefined: no policy has one. */
  readonly shortestInactivityTimeoutSecs?: number;
}

interface TagLayer extends SettingsLayer {
  readonly sessionsOfTag?: number;
}

/** The rank of a type that the priority does not list: after all listed ones. */
const UNLISTED = 1_000_000;

/** The policies of a configuration, built once per configuration. */
export const policyBookOf = onceForEach(createPolicyBook);

/** Builds the policies of a configuration. Each is merged once and kept, because every validation needs it. */
export function createPolicyBook(config: SessionConfig): PolicyBook {
  const { defaults: settingsOfDefaults, tags: settingsOfTags, ...documentSettings } = config;
  const rankOfType = new Map<string, number>();
  for (const [rank, type] of config.tag_priority.entries()) if (!rankOfType.has(type)) rankOfType.set(type, rank);
  const defaults: SettingsLayer = { source: "defaults", rank: UNLISTED + 1, settings: toSettings(settingsOfDefaults) };
  const layerOf = new Map<string, TagLayer>();
  for (const { tag, max_concurrent_sessions_per_user_per_tag: sessionsOfTag, ...settings } of settingsOfTags) {
    const rank = rankOfType.get(tagType(tag)) ?? UNLISTED;
    layerOf.set(tag, { source: tag, rank, settings: toSettings(settings), sessionsOfTag });
  }
  const settingsOfAll = [
    { ...BUILT_IN, ...defaults.settings },
    ...[...layerOf.values()].map((layer) => layer.settings),
  ];
  const createOnlyTypes = new Set(config.on_create_only_tags);
  const policies = new LRUCache<string, Policy>({ max: 1000 });

  /** Sorted, so that the order of tags changes nothing. */
  const layersOf = (tags: readonly string[]): TagLayer[] =>
    tags.length === 0 ? [] : [...new Set(tags)].sort().flatMap((tag) => layerOf.get(tag) ?? []);

  return {
    ...documentSettings,
    policyFor(tags) {
      // The key contains only tags of the file: applications may use any number of others.
      const layers = layersOf(tags);
      const key = layers.map((layer) => layer.source).join(" ");
      const known = policies.get(key);
      if (known) return known;
      const policy = Object.freeze(toPolicy(layers, defaults));
      policies.set(key, policy);
      return policy;
    },
    explain: (tags) => explain(layersOf(tags), defaults),
    limitsOf(tags) {
      const layers = layersOf(tags);
      const mode = mergeSetting("on_session_limit_exceeded", [...layers, defaults])?.value;
      return tagLimits(layers, mode ?? BUILT_IN.on_session_limit_exceeded);
    },
    said<K extends SettingName>(setting: K): SaidOfSetting<SessionSettings[K]> {
      const builtIn: Partial<SessionSettings> = BUILT_IN;
      const tags = [...layerOf.values()].flatMap(({ source: tag, rank, settings }) => {
        const value: SessionSettings[K] | undefined = settings[setting];
        return value === undefined ? [] : [{ tag, rank, value }];
      });
      return { tags, otherwise: defaults.settings[setting] ?? builtIn[setting] };
    },
    isCreateOnly: (tag) => createOnlyTypes.has("*") || createOnlyTypes.has(tagType(tag)),
    shortestLifetimeSecs: shortest(settingsOfAll, "absolute_lifetime_secs") ?? BUILT_IN.absolute_lifetime_secs,
    shortestInactivityTimeoutSecs: shortest(settingsOfAll, "inactivity_timeout_secs"),
  };
}

function shortest(
  layers: readonly Partial<SessionSettings>[],
  name: "absolute_lifetime_secs" | "inactivity_timeout_secs",
): number | undefined {
  const values = layers.flatMap((layer) => layer[name] ?? []);
  return values.length > 0 ? Math.min(...values) : undefined;
}

function toSettings(inFile: SettingsInFile): Partial<SessionSettings> {
  const networks: Partial<Pick<SessionSettings, (typeof NETWORKS_NAMES)[number]>> = {};
  for (const name of NETWORKS_NAMES) {
    const texts = inFile[name];
    if (texts) networks[name] = CidrSet.of(texts);
  }
  // Replaces each list by its set.
  const others: Omit<SettingsInFile, keyof typeof networks> = inFile;
  return { ...others, ...networks };
}

function toPolicy(tags: readonly TagLayer[], defaults: SettingsLayer): Policy {
  const merged: Partial<SessionSettings> = {};
  const merge = <K extends SettingName>(name: K) => {
    const value = mergeSetting(name, [...tags, defaults])?.value;
    if (value !== undefined) merged[name] = value;
  };
  for (const name of SETTING_NAMES) merge(name);
  // An empty blocklist blocks nobody, so it needs no address.
  if (merged.ip_blocklist?.isEmpty) delete merged.ip_blocklist;
  const settings = { ...BUILT_IN, ...merged };
  return { ...settings, tagLimits: tagLimits(tags, settings.on_session_limit_exceeded) };
}

/** The mode that a tag sets next to its limit applies to that limit. */
function tagLimits(tags: readonly TagLayer[], mergedMode: LimitMode): TagLimit[] {
  return tags.flatMap(({ source: tag, sessionsOfTag: max, settings }) =>
    max === undefined ? [] : [{ tag, max, mode: settings.on_session_limit_exceeded ?? mergedMode }],
  );
}

function explain(tags: readonly TagLayer[], defaults: SettingsLayer): ExplainedSetting[] {
  const layers = [...tags, defaults];
  const builtIn: Partial<SessionSettings> = BUILT_IN;
  const settings = SETTING_NAMES.map((setting): ExplainedSetting => {
    const { value, source } = mergeSetting(setting, layers) ?? { value: builtIn[setting] ?? null, source: "default" };
    return { setting, value: value instanceof CidrSet ? value.toStrings() : value, source };
  });
  const mode = mergeSetting("on_session_limit_exceeded", layers)?.value ?? BUILT_IN.on_session_limit_exceeded;
  const limits = tagLimits(tags, mode).map(
    ({ tag, ...limit }): ExplainedSetting => ({
      setting: "max_concurrent_sessions_per_user_per_tag",
      value: limit,
      source: tag,
    }),
  );
  return [...settings, ...limits];
}
