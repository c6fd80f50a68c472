/** What a row of `settings.ts` says of a setting. Pure: the dashboard's page imports it too. */
export type Setting = Described & (NumberSetting | FlagSetting | ChoiceSetting | NetworksSetting | TagTypesSetting);

/** The rows of a table, by the name that the setting has in `session_config.jsonc`. */
export type Settings = Readonly<Record<string, Setting>>;

/** In words for people: the dashboard's form and docs/configuration.md show them. */
interface Described {
  readonly name: string;
  readonly help: string;
}

/** What holds where nobody sets it: a value, or what people are told of its absence, which is the loosest of all. */
type Default<T> =
  | { readonly builtIn: T; readonly unset?: undefined }
  | { readonly builtIn?: undefined; readonly unset: string };

type NumberSetting = Default<number> & {
  readonly type: "secs" | "count";
  readonly min: number;
  readonly max: number;
  /** What 0 means where it switches the setting off: then it is the loosest value. */
  readonly zero?: string;
  readonly stricter: "less" | "more";
};

type FlagSetting = Default<boolean> & {
  readonly type: "flag";
  readonly stricter: boolean;
};

type ChoiceSetting = Default<string> & {
  readonly type: "choice";
  readonly strictestFirst: readonly [string, ...string[]];
  /** The strictest word that is looser than no word at all. Undefined: no word is. */
  readonly unsetBefore?: string;
};

/** A list of addresses and CIDRs. */
type NetworksSetting = Default<never> & {
  readonly type: "networks";
  /** `less`: what is in it is let through. `more`: what is in it is refused. */
  readonly stricter: "less" | "more";
};

/** A list of types of tags, as "org" of the tag "org:acme"; "*" for all. */
type TagTypesSetting = Default<readonly string[]> & {
  readonly type: "tag types";
  /** `neither`: what it changes shows in other settings. */
  readonly stricter: "more" | "neither";
};

/** A value of the setting as the file has it. */
export type ValueInFile<S extends Setting> = S extends { type: "secs" | "count" }
  ? number
  : S extends { type: "flag" }
    ? boolean
    : S extends { type: "choice"; strictestFirst: readonly (infer Word)[] }
      ? Word
      : string[];
