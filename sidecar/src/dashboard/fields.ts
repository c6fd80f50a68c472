import { LIMITS } from "@byo-session/core/contract";
import { z } from "zod";
import { ROLES } from "./contract/roles.ts";
import { EXPORT_FORMATS } from "./contract/sessions.ts";

/** The fields of inputs that several calls have. In a query everything arrives as text. */

export const nothing = z.strictObject({});

export function text(max: number, min = 1) {
  const error = `expected ${min} to ${max} characters`;
  return z.string({ error }).min(min, { error }).max(max, { error });
}

/** Refuses what Postgres cannot store: U+0000, and in JSON half a surrogate pair. */
export function storedText(max: number) {
  return text(max)
    .refine((value) => !value.includes("\u0000"), { error: "expected no U+0000" })
    .refine((value) => value.isWellFormed(), { error: "expected no half of a surrogate pair" });
}

export function number(max: number, min = 0) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function oneOf<const T extends string>(values: readonly T[]) {
  return z.enum(values, { error: `expected one of ${values.join(", ")}` });
}

/** Too long a list is refused before its entries are checked: a body has room for a hundred thousand. */
export function listOf<S extends z.ZodType>(entry: S, most: number, error: string) {
  return z
    .array(z.unknown(), { error })
    .max(most, { error: `${error}, at most ${most}`, abort: true })
    .pipe(z.array(entry, { error }));
}

export function fromQuery<T>(schema: z.ZodType<T>) {
  return z.preprocess(
    (value) => (typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
}

const FAR_FUTURE_SECS = 253_402_300_799;
export const time = fromQuery(number(FAR_FUTURE_SECS));
export const yesOrNo = z.boolean({ error: "expected true or false" });
export const yesOrNoInQuery = z.preprocess(
  (value) => (value === "true" ? true : value === "false" ? false : value),
  yesOrNo,
);

/** How many active sessions a person has read and confirmed to end or to shut out. */
export const confirmedCount = z.strictObject({ count: number(1_000_000), isCapped: yesOrNo });

export const sessionId = z.uuid({ error: "expected a session id" });
export const userId = storedText(LIMITS.userIdChars);
export const tag = storedText(LIMITS.tagChars);
/** A single parameter arrives as text, not as a list. */
export const tags = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  listOf(tag, LIMITS.tags, "expected tags"),
);
export const username = text(128).regex(/^[^\s\p{Cc}]+$/u, { error: "expected no whitespace" });
export const code = z.string({ error: "expected six digits" }).regex(/^\d{6}$/, { error: "expected six digits" });
/** Six digits, or a recovery code such as `ABCD-EFGH-IJKL-MNOP`. */
export const codeOrRecovery = z
  .string({ error: "expected six digits or a recovery code" })
  .regex(/^(\d{6}|[A-Za-z2-7]{4}(-?[A-Za-z2-7]{4}){3})$/, { error: "expected six digits or a recovery code" });
export const role = oneOf(ROLES);
export const revision = number(2_147_483_647);
/** Where the page before ended: the `next` of its answer. */
export const cursor = text(200);
export const format = oneOf(EXPORT_FORMATS);
