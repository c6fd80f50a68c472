/** The form of a row in `settings.ts`. Free of imports, because the dashboard's page uses it too. */
export type Setting = Described & (NumberSetting | FlagSetting | ChoiceSetting | NetworksSetting | TagTypesSetting);

/** The rows of a table, by the setting's name in `session_config.jsonc`. */
export type Settings = Readonly<Record<string, Setting>>;

/** Words for people, in the dashboard's form and in docs/configuration.md. */
interface Described {
  readonly name: string;
  readonly help: string;
}

/** The value if nobody sets it, or the words for its absence, which is the loosest of all. */
type Default<T> =
  | { readonly builtIn: T; readonly unset?: undefined }
  | { readonly builtIn?: undefined; readonly unset: string };

type NumberSetting = Default<number> & {
  readonly type: "secs" | "count";
  readonly min: number;
  readonly max: number;
  /** What 0 means if it switches the setting off: then it is the loosest value. */
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
  /** The strictest word that is looser than leaving the setting out. Undefined: no word is. */
  readonly unsetBefore?: string;
};

/** A list of addresses and CIDRs. */
type NetworksSetting = Default<never> & {
  readonly type: "networks";
  /** `less`: the list allows. `more`: the list refuses. */
  readonly stricter: "less" | "more";
};

/** A list of types of tags, such as "org" for the tag "org:acme"; "*" for all. */
type TagTypesSetting = Default<readonly string[]> & {
  readonly type: "tag types";
  /** `neither`: its effect shows in other settings. */
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
