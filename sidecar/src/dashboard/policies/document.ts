import type { JsonValue } from "@byo-session/core/contract";
import { onceForEach } from "../../engine/once-for-each.ts";
import { BUILT_IN, type SessionConfig } from "../../engine/policy/values.ts";
import { mergePatch } from "../../engine/sessions/update/merge-patch.ts";
import type { PolicyChange } from "../contract/policies.ts";

/** A policy with its tags as an object by name instead of a list, so that each setting of each tag has a path. */
export interface PolicyDocument {
  readonly [key: string]: JsonValue;
}

/** As plain JSON: undefined values are left out. */
export const toDocument = onceForEach(({ tags, ...rest }: SessionConfig): PolicyDocument => {
  const byName = Object.fromEntries(tags.map(({ tag, ...settings }) => [tag, settings]));
  return asJson({ ...rest, tags: byName });
});

/** The text that a file would have. Its users parse it again by the rules for files. */
export const toText = onceForEach((document: PolicyDocument): string => {
  const { tags, ...rest } = document;
  const list = Object.entries(asJson(tags)).map(([tag, settings]) => ({ tag, ...asJson(settings) }));
  const { defaults, ...others } = rest;
  return `${JSON.stringify({ defaults, tags: list, ...others }, null, 2)}\n`;
});

/** The merge patch (RFC 7396) that turns `before` into `after`. */
export function patchBetween(before: PolicyDocument, after: PolicyDocument): PolicyDocument {
  const patch = new Map<string, JsonValue>();
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch.set(key, null);
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isEqual(old, value)) continue;
    patch.set(key, isObject(old) && isObject(value) ? patchBetween(old, value) : value);
  }
  return Object.fromEntries(patch);
}

export function applyPatch(document: PolicyDocument, patch: PolicyDocument): PolicyDocument {
  return asJson(mergePatch({ ...document }, { ...patch }));
}

/** Each setting that differs, with its layer: `defaults`, a tag, or "" for the whole document. */
export function changesBetween(before: PolicyDocument, after: PolicyDocument): PolicyChange[] {
  const tagsBefore = asJson(before.tags);
  const tagsAfter = asJson(after.tags);
  const tags = [...new Set([...Object.keys(tagsBefore), ...Object.keys(tagsAfter)])].sort();
  const [defaultsBefore, defaultsAfter] = [asJson(before.defaults), asJson(after.defaults)];
  const inForce = (setting: string) => ({
    before: defaultsBefore[setting] ?? builtIn(setting),
    after: defaultsAfter[setting] ?? builtIn(setting),
  });
  return [
    ...layerChanges("defaults", defaultsBefore, defaultsAfter, inForce),
    ...tags.flatMap((tag) => {
      const [old, now] = [tagsBefore[tag], tagsAfter[tag]];
      const changes = layerChanges(tag, asJson(old), asJson(now), inForce);
      // An added or removed tag without settings counts as a change too.
      const isMark = changes.length === 0 && (old === undefined) !== (now === undefined);
      return isMark ? [{ layer: tag, setting: "tag", before: old ?? null, after: now ?? null }] : changes;
    }),
    ...layerChanges("", withoutLayers(before), withoutLayers(after), () => ({ before: null, after: null })),
  ];
}

/** Null without one: then the setting's words for its absence apply. */
function builtIn(setting: string): JsonValue {
  const known: Readonly<Record<string, JsonValue | undefined>> = { ...BUILT_IN };
  return known[setting] ?? null;
}

function layerChanges(
  layer: string,
  before: PolicyDocument,
  after: PolicyDocument,
  inForce: (setting: string) => { before: JsonValue; after: JsonValue },
): PolicyChange[] {
  const settings = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return settings.flatMap((setting) => {
    const change = { layer, setting, before: before[setting] ?? null, after: after[setting] ?? null };
    if (isEqual(change.before, change.after)) return [];
    const applied = inForce(setting);
    return [
      {
        ...change,
        ...(change.before === null && { beforeInForce: applied.before }),
        ...(change.after === null && { afterInForce: applied.after }),
      },
    ];
  });
}

function withoutLayers({ defaults: _defaults, tags: _tags, ...rest }: PolicyDocument): PolicyDocument {
  return rest;
}

/** The same text for the same content, in any order of keys: replicas compare it. */
export function canonicalText(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`).join(",")}}`;
}

function isEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return canonicalText(a) === canonicalText(b);
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The content as JSON would carry it; an empty object for anything that is not an object. */
function asJson(value: unknown): PolicyDocument {
  const copy: JsonValue = JSON.parse(JSON.stringify(value ?? {}));
  return isObject(copy) ? copy : {};
}
