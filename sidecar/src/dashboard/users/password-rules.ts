import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, type PasswordProblem } from "../contract/errors.ts";

/** An owner's first password. Everyone can read it here, so it only allows choosing another one. */
export const TEMPORARY_OWNER_PASSWORD = "thispasswordistemporary";

const MESSAGES: Readonly<Record<PasswordProblem, string>> = {
  TooShort: `Choose a password of ${PASSWORD_MIN_CHARS} or more characters; a few words are enough.`,
  TooLong: `Choose a password of at most ${PASSWORD_MAX_CHARS} characters.`,
  Common: "This password, or one that differs only in digits and symbols, is common. Choose another one.",
  LikeTheName: "The password must not contain the username.",
  Unchanged: "The new password must differ from the current one.",
};

export function passwordMessage(problem: PasswordProblem): string {
  return MESSAGES[problem];
}

/** What is wrong with a chosen password (ASVS 6.2: length and common passwords; no character classes). */
export async function passwordProblem(
  password: string,
  { username, current }: { username: string; current: string },
): Promise<PasswordProblem | undefined> {
  const length = [...password].length;
  if (length < PASSWORD_MIN_CHARS) return "TooShort";
  if (length > PASSWORD_MAX_CHARS) return "TooLong";
  if (password === current) return "Unchanged";
  if (password.toLowerCase().includes(username.toLowerCase())) return "LikeTheName";
  return (await isCommon(password)) ? "Common" : undefined;
}

async function isCommon(password: string): Promise<boolean> {
  const lower = password.toLowerCase();
  if (lower.includes(TEMPORARY_OWNER_PASSWORD)) return true;
  const common = await commonPasswords();
  const letters = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  return [lower, letters, repeatedPart(lower)].some((form) => form === "" || common.has(form));
}

/** "password" of "passwordpassword", "a" of "aaaaaaaaaaaa"; the text itself where nothing repeats. */
function repeatedPart(text: string): string {
  const period = (text + text).indexOf(text, 1);
  const part = text.slice(0, period);
  return part.length === 1 ? "" : part;
}

let list: Promise<ReadonlySet<string>> | undefined;

/** Loaded when first needed: most processes never see a password chosen, and 49,000 words take memory. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  list ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) => new Set(dictionary["passwords-common"].map((word) => word.toLowerCase())),
  );
  return list;
}
