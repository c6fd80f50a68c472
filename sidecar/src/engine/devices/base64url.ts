/**
 * Decodes base64url as RFC 7515 section 2 spells it, and nothing else: no padding, no space, no second spelling of the
 * same bytes. Undefined for any other text.
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  // Node skips unknown characters and drops surplus bits, so only encoding it again shows whether this was the one
  // form.
  return bytes.toString("base64url") === text ? bytes : undefined;
}
