/** So long a new person may take to log in for the first time. */
export const NEW_USER_SECS = 24 * 3600;
/** The owner's first password is known to everybody who reads the docs: it holds for an hour only. */
export const OWNER_SECS = 3600;

const GROUPS = 5;
const GROUP_CHARS = 4;
/** Without signs that are taken for each other when read aloud or copied from paper. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password of 99 random bits, in groups as `k7wd-…`. */
export function newTemporaryPassword(randomBytes: (size: number) => Buffer): string {
  const chars: string[] = [];
  while (chars.length < GROUPS * GROUP_CHARS) {
    // Beyond the last whole multiple some signs would come more often.
    const fair = [...randomBytes(32)].filter((byte) => byte < 256 - (256 % ALPHABET.length));
    chars.push(...fair.map((byte) => ALPHABET.charAt(byte % ALPHABET.length)));
  }
  return Array.from({ length: GROUPS }, (_, at) => chars.slice(at * GROUP_CHARS, (at + 1) * GROUP_CHARS).join("")).join(
    "-",
  );
}
