/** How long a new person has to log in for the first time. */
export const NEW_USER_SECS = 24 * 3600;
/** The owner's first password is in the docs, so it expires after an hour. */
export const OWNER_SECS = 3600;

const GROUPS = 5;
const GROUP_CHARS = 4;
/** Without characters that are easily confused when read aloud or copied from paper. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password of 99 random bits, in groups such as `k7wd-…`. */
export function newTemporaryPassword(randomBytes: (size: number) => Buffer): string {
  const chars: string[] = [];
  while (chars.length < GROUPS * GROUP_CHARS) {
    // Above the last whole multiple some characters would be more likely.
    const fair = [...randomBytes(32)].filter((byte) => byte < 256 - (256 % ALPHABET.length));
    chars.push(...fair.map((byte) => ALPHABET.charAt(byte % ALPHABET.length)));
  }
  return Array.from({ length: GROUPS }, (_, at) => chars.slice(at * GROUP_CHARS, (at + 1) * GROUP_CHARS).join("")).join(
    "-",
  );
}
