import type { z } from "zod";
import type { Setting, Settings, ValueInFile } from "../policy/setting.ts";
import { DOCUMENT_SETTINGS, SETTINGS, TAG_SETTINGS } from "../policy/settings.ts";
import { isTag, isTagType } from "../policy/tags.ts";
import { BUILT_IN, NETWORKS_NAMES, type SessionConfig, type SettingsInFile } from "../policy/values.ts";
import { cidr, flag, hostBitWarningsOf, knownKeys, listOf, oneOf, secs, text, wholeNumber } from "./fields.ts";
import { ConfigError, type JsoncDocument, MAX_PROBLEMS, readJsonc } from "./jsonc.ts";

export const SESSION_CONFIG_FILE = "session_config.jsonc";

/** Rotating more often costs writes without detecting theft noticeably earlier. */
const SHORT_ROTATION_SECS = 300;

/** The limits of a policy: up to here reading, comparing and applying it stay fast. */
const MAX_NETWORKS_PER_LIST = 1000;
const MAX_NETWORKS = 10_000;
const MAX_TAGS = 5000;
const MAX_TAG_TYPES = 1000;

const tagTypes = listOf(
  text('expected the type of a tag, such as "org" for the tag "org:acme"', isTagType),
  MAX_TAG_TYPES,
  "expected a list of types of tags",
);
const networks = listOf(cidr, MAX_NETWORKS_PER_LIST, "expected a list of addresses and CIDRs");
const someNetworks = networks.refine((list) => list.length > 0, {
  error: 'expected at least one entry; to allow every address write ["0.0.0.0/0", "::/0"]',
});

/** The schema of a setting in the file. */
function schemaOf<S extends Setting>(setting: S): z.ZodType<ValueInFile<S>>;
function schemaOf(setting: Setting): z.ZodType {
  switch (setting.type) {
    case "secs":
      return secs(setting.min, setting.max);
    case "count":
      return wholeNumber(setting.min, setting.max);
    case "flag":
      return flag;
    case "choice":
      return oneOf(setting.strictestFirst);
    case "networks":
      // An empty allowlist would let nobody in.
      return setting.stricter === "less" ? someNetworks : networks;
    case "tag types":
      return tagTypes;
  }
}

/** Settings that can all be left out. */
function optional<S extends Settings>(rows: S): { [K in keyof S]: z.ZodOptional<z.ZodType<ValueInFile<S[K]>>> };
function optional(rows: Settings): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(rows).map(([name, setting]) => [name, schemaOf(setting).optional()]));
}

type HavingBuiltIn = Settings & Readonly<Record<string, { builtIn: NonNullable<unknown> }>>;

/** Settings with built-in values where they are left out. */
function withBuiltIn<S extends HavingBuiltIn>(rows: S): { [K in keyof S]: z.ZodDefault<z.ZodType<ValueInFile<S[K]>>> };
function withBuiltIn(rows: HavingBuiltIn): Record<string, z.ZodType> {
  const fields = Object.entries(rows).map(([name, row]) => {
    const schema: z.ZodType = schemaOf(row);
    return [name, schema.default(row.builtIn)];
  });
  return Object.fromEntries(fields);
}

const settings = optional(SETTINGS);

const sessionConfig = knownKeys({
  defaults: knownKeys(settings).default({}),
  tags: listOf(
    knownKeys({
      tag: text('expected a tag as "org:acme": a type, a colon and a value, without whitespace', isTag),
      ...settings,
      ...optional(TAG_SETTINGS),
    }),
    MAX_TAGS,
    "expected a list of objects, one for each tag",
  ).default([]),
  ...withBuiltIn(DOCUMENT_SETTINGS),
});

/** Reads `session_config.jsonc`. Throws a `ConfigError`; what is allowed but unwise is returned as warnings. */
export function readSessionConfig(jsonc: string): { config: SessionConfig; warnings: string[] } {
  const document = readJsonc(SESSION_CONFIG_FILE, jsonc, sessionConfig);
  const { value: config } = document;
  const problems = [...repeatedTags(document), ...tooManyNetworks(document)];
  if (problems.length > 0) throw new ConfigError(problems);
  const warnings = [...hostBitWarnings(document), ...rotationWarnings(document)];
  return { config, warnings: warnings.slice(0, MAX_PROBLEMS) };
}

function repeatedTags({ value: { tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const seen = new Set<string>();
  const repeated = tags.flatMap(({ tag }, index) => (seen.size === seen.add(tag).size ? [{ tag, index }] : []));
  return repeated
    .slice(0, MAX_PROBLEMS)
    .map(
      ({ tag, index }) =>
        `${at("tags", index, "tag")}: "${tag}" has an entry already; put all its settings into one entry`,
    );
}

function tooManyNetworks({ value: { defaults, tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const layers: SettingsInFile[] = [defaults, ...tags];
  const count = layers
    .flatMap((layer) => NETWORKS_NAMES.map((name) => layer[name]?.length ?? 0))
    .reduce((sum, of) => sum + of, 0);
  if (count <= MAX_NETWORKS) return [];
  return [`${at()}: expected at most ${MAX_NETWORKS} addresses and CIDRs in all lists together, got ${count}`];
}

function hostBitWarnings({ value: { defaults, tags }, at }: JsoncDocument<SessionConfig>): string[] {
  const warningsOf = (layer: SettingsInFile, ...path: (string | number)[]) =>
    NETWORKS_NAMES.flatMap((list) => hostBitWarningsOf(layer[list] ?? [], (index) => at(...path, list, index)));
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
        ? [`${where}: a rotation every ${interval} s is frequent; use ${SHORT_ROTATION_SECS} s or more`]
        : []),
      ...(interval < 2 * grace
        ? [`${where}: a rotation every ${interval} s is less than twice the grace of ${grace} s`]
        : []),
    ];
  };
  return [...warningsOf(defaults, "defaults"), ...tags.flatMap((tag, index) => warningsOf(tag, "tags", index))];
}
