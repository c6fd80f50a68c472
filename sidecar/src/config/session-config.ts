import type { z } from "zod";
import { LONGEST_COOKIE_SECS } from "../devices/device-cookie.ts";
import {
  BUILT_IN,
  CHALLENGE_IP_BINDINGS,
  DEVICE_REQUIREMENTS,
  LIMIT_MODES,
  SHARED_SESSION_MODES,
  USER_AGENT_CHECKS,
} from "../policy/settings.ts";
import { isTag, isTagType } from "../policy/tags.ts";
import { cidr, flag, hostBitWarningsOf, knownKeys, listOf, oneOf, secs, text, wholeNumber } from "./fields.ts";
import { ConfigError, type JsoncDocument, MOST_PROBLEMS, readJsonc } from "./jsonc.ts";

export const SESSION_CONFIG_FILE = "session_config.jsonc";

const TEN_YEARS_SECS = 315_360_000;
const DAY_SECS = 86_400;
/** Below this a rotation costs writes and finds no theft earlier that matters. */
const SHORT_ROTATION_SECS = 300;

/** What a policy may have at most: so much is read, compared and applied without anybody waiting for it. */
const MOST_NETWORKS_OF_A_LIST = 1000;
const MOST_NETWORKS = 10_000;
const MOST_TAGS = 5000;
const MOST_TAG_TYPES = 1000;

const limit = wholeNumber(1, 20);
const networks = listOf(cidr, MOST_NETWORKS_OF_A_LIST, "expected a list of addresses and CIDRs");

const settings = {
  absolute_lifetime_secs: secs(1, TEN_YEARS_SECS).optional(),
  inactivity_timeout_secs: secs(1, TEN_YEARS_SECS).optional(),
  ip_allowlist: networks
    .refine((list) => list.length > 0, {
      error: 'expected at least one entry; to allow every address write ["0.0.0.0/0", "::/0"]',
    })
    .optional(),
  ip_blocklist: networks.optional(),
  disallow_ip_address_changes: flag.optional(),
  max_concurrent_sessions_per_user: limit.optional(),
  on_session_limit_exceeded: oneOf(LIMIT_MODES).optional(),
  user_agent_check: oneOf(USER_AGENT_CHECKS).optional(),
  on_shared_session: oneOf(SHARED_SESSION_MODES).optional(),
  rotation_interval_secs: secs(0, TEN_YEARS_SECS).optional(),
  rotation_grace_secs: secs(1, DAY_SECS).optional(),
  rotation_pending_max_secs: secs(1, TEN_YEARS_SECS).optional(),
  require_device: oneOf(DEVICE_REQUIREMENTS).optional(),
  device_registration_window_secs: secs(1, TEN_YEARS_SECS).optional(),
  device_cookie_secs: secs(1, LONGEST_COOKIE_SECS).optional(),
};

const tagTypes = listOf(
  text('expected the type of a tag, as "org" for the tag "org:acme"', isTagType),
  MOST_TAG_TYPES,
  "expected a list of types of tags",
);

const sessionConfig = knownKeys({
  defaults: knownKeys(settings).default({}),
  tags: listOf(
    knownKeys({
      tag: text('expected a tag as "org:acme": a type, a colon and a value, without whitespace', isTag),
      ...settings,
      max_concurrent_sessions_per_user_per_tag: limit.optional(),
    }),
    MOST_TAGS,
    "expected a list of objects, one for each tag",
  ).default([]),
  tag_priority: tagTypes.default([]),
  on_create_only_tags: tagTypes.default([]),
  device_challenge_lifetime_secs: secs(1, 3600).default(600),
  challenge_ip_binding: oneOf(CHALLENGE_IP_BINDINGS).default("exact"),
  ended_session_retention_secs: secs(0, TEN_YEARS_SECS).default(30 * DAY_SECS),
  audit_retention_secs: secs(0, TEN_YEARS_SECS).default(365 * DAY_SECS),
});

/** The settings that the defaults and each tag of `session_config.jsonc` can have, as they stand there. */
export type SettingsInFile = z.output<ReturnType<typeof knownKeys<typeof settings>>>;
/** `session_config.jsonc` as it stands there, with what is built in for missing top-level keys. */
export type SessionConfig = z.output<typeof sessionConfig>;

/** Reads `session_config.jsonc`. Throws a `ConfigError`; what is allowed but unwise comes as warnings. */
export function readSessionConfig(jsonc: string): { config: SessionConfig; warnings: string[] } {
  const document = readJsonc(SESSION_CONFIG_FILE, jsonc, sessionConfig);
  const { value: config } = document;
  const problems = [...repeatedTags(document), ...tooManyNetworks(document)];
  if (problems.length > 0) throw new ConfigError(problems);
  const warnings = [...hostBitWarnings(document), ...rotationWarnings(document)];
  return { config, warnings: warnings.slice(0, MOST_PROBLEMS) };
}

function repeatedTags({ value: { tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const seen = new Set<string>();
  const repeated = tags.flatMap(({ tag }, index) => (seen.size === seen.add(tag).size ? [{ tag, index }] : []));
  return repeated
    .slice(0, MOST_PROBLEMS)
    .map(({ tag, index }) => `${at("tags", index, "tag")}: "${tag}" has an entry already; put its settings into one`);
}

function tooManyNetworks({ value: { defaults, tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const layers: SettingsInFile[] = [defaults, ...tags];
  const count = layers
    .map(({ ip_allowlist = [], ip_blocklist = [] }) => ip_allowlist.length + ip_blocklist.length)
    .reduce((sum, of) => sum + of, 0);
  if (count <= MOST_NETWORKS) return [];
  return [`${at()}: expected at most ${MOST_NETWORKS} addresses and CIDRs in all lists together, got ${count}`];
}

function hostBitWarnings({ value: { defaults, tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const warningsOf = (layer: SettingsInFile, ...path: (string | number)[]) =>
    (["ip_allowlist", "ip_blocklist"] as const).flatMap((list) =>
      hostBitWarningsOf(layer[list] ?? [], (index) => at(...path, list, index)),
    );
  return [...warningsOf(defaults, "defaults"), ...tags.flatMap((tag, index) => warningsOf(tag, "tags", index))];
}

function rotationWarnings({ value: { defaults, tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const warningsOf = (layer: SettingsInFile, ...path: (string | number)[]) => {
    if (layer.rotation_interval_secs === undefined && layer.rotation_grace_secs === undefined) return [];
    const merged = { ...BUILT_IN, ...defaults, ...layer };
    const { rotation_interval_secs: interval, rotation_grace_secs: grace } = merged;
    if (interval === 0) return [];
    const key = layer.rotation_interval_secs === undefined ? "rotation_grace_secs" : "rotation_interval_secs";
    const where = at(...path, key);
    return [
      ...(interval < SHORT_ROTATION_SECS
        ? [`${where}: a rotation every ${interval} s is frequent; ${SHORT_ROTATION_SECS} s or more is advised`]
        : []),
      ...(interval < 2 * grace
        ? [`${where}: a rotation every ${interval} s is under twice the grace of ${grace} s`]
        : []),
    ];
  };
  return [...warningsOf(defaults, "defaults"), ...tags.flatMap((tag, index) => warningsOf(tag, "tags", index))];
}
