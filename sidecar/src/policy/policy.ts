import { LRUCache } from "lru-cache";
import type { SessionConfig, SettingsInFile } from "../config/session-config.ts";
import { onceForEach } from "../once-for-each.ts";
import { CidrSet } from "./ip-address.ts";
import { mergeSetting, type SettingsLayer } from "./merge.ts";
import {
  BUILT_IN,
  type ChallengeIpBinding,
  type LimitMode,
  SETTING_NAMES,
  type SessionSettings,
  type SettingName,
} from "./settings.ts";
import { tagType } from "./tags.ts";

export type { LimitMode } from "./settings.ts";

/** The settings that hold for a session with one set of tags. Durations are in seconds. */
export interface Policy {
  readonly absoluteLifetimeSecs: number;
  readonly inactivityTimeoutSecs?: number;
  readonly ipAllowlist?: CidrSet;
  readonly ipBlocklist?: CidrSet;
  readonly disallowIpAddressChanges: boolean;
  readonly maxConcurrentSessionsPerUser: number;
  readonly onSessionLimitExceeded: LimitMode;
  /** One for each tag of the set that limits the sessions with that tag. */
  readonly tagLimits: readonly TagLimit[];
  /** Undefined where nothing is configured: enforced without a device, flagged with one. */
  readonly userAgentCheck?: SessionSettings["user_agent_check"];
  readonly onSharedSession: SessionSettings["on_shared_session"];
  /** 0: never. */
  readonly rotationIntervalSecs: number;
  readonly rotationGraceSecs: number;
  readonly rotationPendingMaxSecs: number;
  readonly requireDevice: SessionSettings["require_device"];
  /** How long after the login a device can be bound. */
  readonly deviceRegistrationWindowSecs: number;
  /** How long a device cookie is good. */
  readonly deviceCookieSecs: number;
}

export interface TagLimit {
  readonly tag: string;
  readonly max: number;
  readonly mode: LimitMode;
}

/** Where a setting of a policy comes from, by its name in the file. */
export interface ExplainedSetting {
  setting: SettingName | "max_concurrent_sessions_per_user_per_tag";
  /** Null: not set. */
  value: string | number | boolean | string[] | { max: number; mode: LimitMode } | null;
  /** `default` (built in), `defaults` (of the file), or the tag; several tags, with commas, where all had a part in it. */
  source: string;
}

/** One setting before it is merged: of the tags of the lowest rank that say something the stricter value holds. */
export interface SaidOfSetting<T> {
  readonly tags: readonly { readonly tag: string; readonly rank: number; readonly value: T }[];
  /** Where no tag says anything. Undefined: it is not set at all. */
  readonly otherwise: T | undefined;
}

export interface PolicyBook {
  /** The same object for the same tags, in any order. Tags that the file does not name change nothing. */
  policyFor(tags: readonly string[]): Policy;
  explain(tags: readonly string[]): ExplainedSetting[];
  /** The limits of these tags, as the policy for them has. */
  limitsOf(tags: readonly string[]): readonly TagLimit[];
  /** What the tags of the file and its defaults say about one setting, for who merges it elsewhere, as in SQL. */
  said<K extends SettingName>(setting: K): SaidOfSetting<SessionSettings[K]>;
  /** Whether the tag can neither be added to a session nor be taken from it. */
  isCreateOnly(tag: string): boolean;
  /** The shortest lifetime that any policy of this book gives: who searches for ended sessions starts there. */
  readonly shortestLifetimeSecs: number;
  /** Undefined: no policy has an inactivity timeout. */
  readonly shortestInactivityTimeoutSecs?: number;
  readonly deviceChallengeLifetimeSecs: number;
  readonly challengeIpBinding: ChallengeIpBinding;
  readonly endedSessionRetentionSecs: number;
  readonly auditRetentionSecs: number;
}

interface TagLayer extends SettingsLayer {
  readonly sessionsOfTag?: number;
}

/** The rank of a type that the priority does not list: after all that it can list. */
const UNLISTED = 1_000_000;

/** The policies of a configuration, made once for each. */
export const policyBookOf = onceForEach(createPolicyBook);

/** Makes the policies of a configuration. Each is merged once and kept: validations ask for it at every request. */
export function createPolicyBook(config: SessionConfig): PolicyBook {
  const rankOfType = new Map<string, number>();
  for (const [rank, type] of config.tag_priority.entries()) if (!rankOfType.has(type)) rankOfType.set(type, rank);
  const defaults: SettingsLayer = { source: "defaults", rank: UNLISTED + 1, settings: toSettings(config.defaults) };
  const layerOf = new Map<string, TagLayer>();
  for (const { tag, max_concurrent_sessions_per_user_per_tag: sessionsOfTag, ...settings } of config.tags) {
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
    policyFor(tags) {
      // Only the tags of the file make the key: an application's others are without number.
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
    deviceChallengeLifetimeSecs: config.device_challenge_lifetime_secs,
    challengeIpBinding: config.challenge_ip_binding,
    endedSessionRetentionSecs: config.ended_session_retention_secs,
    auditRetentionSecs: config.audit_retention_secs,
  };
}

function shortest(
  layers: readonly Partial<SessionSettings>[],
  name: "absolute_lifetime_secs" | "inactivity_timeout_secs",
): number | undefined {
  const values = layers.flatMap((layer) => layer[name] ?? []);
  return values.length > 0 ? Math.min(...values) : undefined;
}

function toSettings({ ip_allowlist, ip_blocklist, ...settings }: SettingsInFile): Partial<SessionSettings> {
  return {
    ...settings,
    ip_allowlist: ip_allowlist && CidrSet.of(ip_allowlist),
    ip_blocklist: ip_blocklist && CidrSet.of(ip_blocklist),
  };
}

function toPolicy(tags: readonly TagLayer[], defaults: SettingsLayer): Policy {
  const layers = [...tags, defaults];
  const optional = <K extends SettingName>(name: K) => mergeSetting(name, layers)?.value;
  const always = <K extends keyof typeof BUILT_IN>(name: K): (typeof BUILT_IN)[K] => optional(name) ?? BUILT_IN[name];
  const blocklist = optional("ip_blocklist");
  return {
    absoluteLifetimeSecs: always("absolute_lifetime_secs"),
    inactivityTimeoutSecs: optional("inactivity_timeout_secs"),
    ipAllowlist: optional("ip_allowlist"),
    // An empty one blocks nobody, so it needs no address.
    ipBlocklist: blocklist?.isEmpty ? undefined : blocklist,
    disallowIpAddressChanges: always("disallow_ip_address_changes"),
    maxConcurrentSessionsPerUser: always("max_concurrent_sessions_per_user"),
    onSessionLimitExceeded: always("on_session_limit_exceeded"),
    tagLimits: tagLimits(tags, always("on_session_limit_exceeded")),
    userAgentCheck: optional("user_agent_check"),
    onSharedSession: always("on_shared_session"),
    rotationIntervalSecs: always("rotation_interval_secs"),
    rotationGraceSecs: always("rotation_grace_secs"),
    rotationPendingMaxSecs: always("rotation_pending_max_secs"),
    requireDevice: always("require_device"),
    deviceRegistrationWindowSecs: always("device_registration_window_secs"),
    deviceCookieSecs: always("device_cookie_secs"),
  };
}

/** A tag that says beside its limit what happens at it means its own limit. */
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
