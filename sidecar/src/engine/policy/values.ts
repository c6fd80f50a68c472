import type { CidrSet } from "./ip-address.ts";
import type { Setting, Settings, ValueInFile } from "./setting.ts";
import { DOCUMENT_SETTINGS, SETTINGS, TAG_SETTINGS } from "./settings.ts";

export type SettingName = keyof typeof SETTINGS;
export type TagSettingName = keyof typeof TAG_SETTINGS;

type InFile<S extends Settings> = { [K in keyof S]: ValueInFile<S[K]> };

/** The settings of the defaults, as in `session_config.jsonc`. */
export type SettingsInFile = Partial<InFile<typeof SETTINGS>>;
export type DocumentSettings = InFile<typeof DOCUMENT_SETTINGS>;

/** The content of `session_config.jsonc`, with built-in values for missing top-level keys. */
export interface SessionConfig extends DocumentSettings {
  defaults: SettingsInFile;
  tags: ({ tag: string } & SettingsInFile & Partial<InFile<typeof TAG_SETTINGS>>)[];
}

type ValueOf<S extends Setting> = S extends { type: "networks" } ? CidrSet : ValueInFile<S>;

/** The settings that tags can change, ready to be merged. */
export type SessionSettings = { [K in SettingName]: ValueOf<(typeof SETTINGS)[K]> };
export type LimitMode = SessionSettings["on_session_limit_exceeded"];

type NamesOf<S extends Settings, Row> = { [K in keyof S]: S[K] extends Row ? K : never }[keyof S];
export type BuiltInName = NamesOf<typeof SETTINGS, { builtIn: unknown }>;
type NetworksName = NamesOf<typeof SETTINGS, { type: "networks" }>;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
export const NETWORKS_NAMES = SETTING_NAMES.filter((name): name is NetworksName => SETTINGS[name].type === "networks");

/** The built-in values. */
export const BUILT_IN: Readonly<Pick<SessionSettings, BuiltInName>> = builtInOf(SETTINGS);

function builtInOf<S extends Settings>(rows: S): Pick<InFile<S>, NamesOf<S, { builtIn: unknown }>>;
function builtInOf(rows: Settings): Readonly<Record<string, unknown>> {
  const known = Object.entries(rows).filter(([, { builtIn }]) => builtIn !== undefined);
  return Object.fromEntries(known.map(([name, { builtIn }]) => [name, builtIn]));
}

/** The row of a setting, from any of the tables. */
export function rowOf(name: string): Setting | undefined {
  return ROWS.get(name);
}

const ROWS: ReadonlyMap<string, Setting> = new Map(
  Object.entries({ ...SETTINGS, ...TAG_SETTINGS, ...DOCUMENT_SETTINGS }),
);
