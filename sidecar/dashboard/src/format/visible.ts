/** Control characters, invisible ones, and those that turn the direction of the text. Not the joiners of emoji. */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}\u00AD\u200B\u2060\uFEFF]/gu;

/** Shows what one cannot see in a text of strangers, so that no user id looks like another. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (hidden) => {
    const code = hidden.codePointAt(0) ?? 0;
    return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}
