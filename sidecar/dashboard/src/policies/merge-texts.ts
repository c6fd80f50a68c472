import {
  type PolicyDocument,
  readPolicy,
  type Settings,
  withOther,
  withoutTag,
  withSetting,
  withTag,
} from "./policy-text.ts";

/**
 * Merges two people's edits of one text: theirs, with each setting that I changed set to my value. Returns my text if one
 * of them is not a valid policy.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string {
  const [before, after] = [readPolicy(base), readPolicy(mine)];
  if (!before || !after || !readPolicy(theirs)) return mine;
  let text = theirs;
  for (const [key, value] of changed(before.defaults, after.defaults)) text = withSetting(text, null, key, value);
  for (const [key, value] of changed(before.others, after.others)) text = withOther(text, key, value);
  for (const { tag, settings } of after.tags) {
    const isNew = settingsOf(before, tag) === undefined;
    const changes = changed(settingsOf(before, tag) ?? {}, settings);
    if (!isNew && changes.length === 0) continue;
    const isThere = settingsOf(readPolicy(text), tag) !== undefined;
    if (!isThere) text = withTag(text, tag);
    // If they removed the tag, all of my settings for it are added again.
    for (const [key, value] of isThere ? changes : Object.entries(settings)) text = withSetting(text, tag, key, value);
  }
  for (const { tag } of before.tags) {
    const isGone = settingsOf(after, tag) === undefined;
    if (isGone && settingsOf(readPolicy(text), tag)) text = withoutTag(text, tag);
  }
  return text;
}

function settingsOf(policy: PolicyDocument | undefined, tag: string): Settings | undefined {
  return policy?.tags.find((one) => one.tag === tag)?.settings;
}

/** The settings that differ, with undefined for removed ones. */
function changed(before: Settings, after: Settings): [key: string, value: unknown][] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => [key, after[key]]);
}
