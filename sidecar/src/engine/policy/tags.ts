import { LIMITS } from "@byo-session/core/contract";

// Control characters too, because tags are printed in logs and tables. The database cannot store half a surrogate pair.
const TAG = /^[^\s\p{Cc}:]+:[^\s\p{Cc}]+$/u;
const TAG_TYPE = /^[^\s\p{Cc}:]+$/u;

/** Whether the text is a tag: `{type}:{value}`, neither empty, without whitespace; the value may contain colons. */
export function isTag(text: string): boolean {
  return text.length <= LIMITS.tagChars && TAG.test(text) && text.isWellFormed();
}

/** Whether the text can be the type of a tag. */
export function isTagType(text: string): boolean {
  return text.length < LIMITS.tagChars && TAG_TYPE.test(text) && text.isWellFormed();
}

/** The part of a tag before its first colon. */
export function tagType(tag: string): string {
  return tag.slice(0, tag.indexOf(":"));
}
