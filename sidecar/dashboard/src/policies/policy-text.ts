import { applyEdits, type JSONPath, modify, parse } from "jsonc-parser";

const formattingOptions = { insertSpaces: true, tabSize: 2 };

type Settings = Record<string, unknown>;

interface PolicyDocument {
  defaults: Settings;
  tags: { tag: string; settings: Settings }[];
}

/** The parts of a policy document that the form shows. Undefined while the text is no JSONC object. */
export function readPolicy(text: string): PolicyDocument | undefined {
  const document: unknown = parse(text, [], { allowTrailingComma: true });
  if (!isObject(document)) return undefined;
  const tags = Array.isArray(document.tags) ? document.tags.filter(isObject) : [];
  return {
    defaults: isObject(document.defaults) ? document.defaults : {},
    tags: tags.map(({ tag, ...settings }) => ({ tag: String(tag), settings })),
  };
}

/** The text with one setting changed, its comments and its form kept; undefined takes the setting out. */
export function withSetting(text: string, tag: string | null, key: string, value: unknown): string {
  return edit(text, [...pathOf(text, tag), key], value);
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
