import { z } from "zod";
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
import { cidr, flag, hostBitWarningsOf, knownKeys, oneOf, secs, text, wholeNumber } from "./fields.ts";
import { ConfigError, type JsoncDocument, readJsonc } from "./jsonc.ts";

export const SESSION_CONFIG_FILE = "session_config.jsonc";

const TEN_YEARS_SECS = 315_360_000;
const DAY_SECS = 86_400;
/** Below this a rotation costs writes and finds no theft earlier that matters. */
const SHORT_ROTATION_SECS = 300;

const limit = wholeNumber(1, 20);
const MAX_NETWORKS = 1000;
const networks = z
  .array(cidr, { error: "expected a list of addresses and CIDRs" })
  .max(MAX_NETWORKS, { error: `expected at most ${MAX_NETWORKS} entries` });

const settings = {
  absolute_lifetime_secs: secs(1, TEN_YEARS_SECS).optional(),
  inactivity_timeout_secs: secs(1, TEN_YEARS_SECS).optional(),
  ip_allowlist: networks
    .min(1, { error: 'expected at least one entry; to allow every address write ["0.0.0.0/0", "::/0"]' })
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

const tagTypes = z.array(text('expected the type of a tag, as "org" for the tag "org:acme"', isTagType), {
  error: "expected a list of types of tags",
});

const sessionConfig = knownKeys({
  defaults: knownKeys(settings).default({}),
  tags: z
    .array(
      knownKeys({
        tag: text('expected a tag as "org:acme": a type, a colon and a value, without whitespace', isTag),
        ...settings,
        max_concurrent_sessions_per_user_per_tag: limit.optional(),
      }),
      { error: "expected a list of objects, one for each tag" },
    )
    .default([]),
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
  const { value: config, at } = document;
  const repeated = config.tags.flatMap(({ tag }, index) =>
    config.tags.findIndex((other) => other.tag === tag) < index
      ? [`${at("tags", index, "tag")}: "${tag}" has an entry already; put its settings into one`]
      : [],
  );
  if (repeated.length > 0) throw new ConfigError(repeated);
  return { config, warnings: [...hostBitWarnings(document), ...rotationWarnings(document)] };
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
