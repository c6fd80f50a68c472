import { applyEdits, type JSONPath, modify, parse } from "jsonc-parser";

const formattingOptions = { insertSpaces: true, tabSize: 2 };

export type Settings = Record<string, unknown>;

export interface PolicyDocument {
  defaults: Settings;
  tags: { tag: string; settings: Settings }[];
  /** The settings of the whole document. */
  others: Settings;
}

/** The parts of a policy document that the form shows. Undefined while the text is not a JSONC object. */
export function readPolicy(text: string): PolicyDocument | undefined {
  const document: unknown = parse(text, [], { allowTrailingComma: true });
  if (!isObject(document)) return undefined;
  const { defaults, tags, ...others } = document;
  return {
    defaults: isObject(defaults) ? defaults : {},
    tags: (Array.isArray(tags) ? tags.filter(isObject) : []).map(({ tag, ...settings }) => ({
      tag: String(tag),
      settings,
    })),
    others,
  };
}

/** The text with one setting changed, keeping comments and format; undefined removes the setting. */
export function withSetting(text: string, tag: string | null, key: string, value: unknown): string {
  return edit(text, [...pathOf(text, tag), key], value);
}

/** The text with one setting of the whole document changed. */
export function withOther(text: string, key: string, value: unknown): string {
  return edit(text, [key], value);
}

export function withTag(text: string, tag: string): string {
  const count = readPolicy(text)?.tags.length ?? 0;
  return edit(text, ["tags", count], { tag });
}

export function withoutTag(text: string, tag: string): string {
  return edit(text, pathOf(text, tag), undefined);
}

function pathOf(text: string, tag: string | null): JSONPath {
  if (tag === null) return ["defaults"];
  return ["tags", readPolicy(text)?.tags.findIndex((one) => one.tag === tag) ?? -1];
}

function edit(text: string, path: JSONPath, value: unknown): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions }));
}

function isObject(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
