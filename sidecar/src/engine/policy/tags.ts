import { LIMITS } from "@byo-session/core/contract";

// Control characters beside whitespace: a tag is printed in logs and tables. Half a surrogate pair is no text that the
// database could keep.
const TAG = /^[^\s\p{Cc}:]+:[^\s\p{Cc}]+$/u;
const TAG_TYPE = /^[^\s\p{Cc}:]+$/u;

/** Whether the text is a tag: `{type}:{value}`, both not empty, without whitespace; the value may hold more colons. */
export function isTag(text: string): boolean {
  return text.length <= LIMITS.tagChars && TAG.test(text) && text.isWellFormed();
}

/** Whether the text can stand before the colon of a tag. */
export function isTagType(text: string): boolean {
  return text.length < LIMITS.tagChars && TAG_TYPE.test(text) && text.isWellFormed();
}

/** The part of a tag before its first colon. */
export function tagType(tag: string): string {
  return tag.slice(0, tag.indexOf(":"));
}
