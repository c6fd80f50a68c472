/** The fields that several commands take. */
import { z } from "zod";
import { isStorableText, metadataProblem } from "./json-bounds.ts";
import { LIMITS } from "./limits.ts";
import type { JsonValue } from "./types.ts";

export function text(maxChars: number, minChars = 0) {
  return z
    .string({ error: "expected a string" })
    .min(minChars, { error: "expected a string that is not empty" })
    .max(maxChars, { error: `expected at most ${maxChars} characters` })
    .refine(isStorableText, { error: "expected text without NUL and lone surrogates" });
}

/** `null` counts as absent. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

export const userId = text(LIMITS.userIdChars, 1);
export const requiredUserAgent = text(LIMITS.userAgentChars);
export const userAgent = optional(requiredUserAgent);
export const string = text(LIMITS.stringChars);
export const flag = optional(z.boolean({ error: "expected true or false" }));
export const unixSecs = z.int({ error: "expected whole Unix seconds" }).min(0, { error: "expected 0 or more" });
export const tags = optional(
  z
    .array(text(LIMITS.tagChars), { error: "expected a list of tags" })
    .max(LIMITS.tags, { error: `expected at most ${LIMITS.tags} tags` }),
);

export const metadata = z.unknown().transform((value, context): JsonValue | undefined => {
  const problem = value === undefined ? undefined : metadataProblem(value);
  if (problem) context.addIssue({ code: "custom", message: problem });
  return value as JsonValue | undefined;
});

export const deviceCookie = optional(string);

export const proof = {
  signedDeviceChallenge: text(LIMITS.proofChars),
  requestUrl: optional(string),
  requestMethod: optional(string),
};

export const changes = {
  tagsToAdd: tags,
  tagsToRemove: tags,
  // null has a meaning here, and the presence of both keys is the conflict, so neither is `optional()`.
  newMetadata: metadata.optional(),
  patchMetadata: metadata.optional(),
};

export const page = optional(
  z
    .int({ error: "expected a whole number" })
    .min(0, { error: "expected 0 or more" })
    .max(LIMITS.page, { error: `expected at most ${LIMITS.page}` }),
);
