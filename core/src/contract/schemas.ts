import { z } from "zod";
import { isStorableText, metadataProblem } from "./json-bounds.ts";
import { LIMITS } from "./limits.ts";
import type { CommandData, CommandName, JsonValue } from "./types.ts";

function text(maxChars: number, minChars = 0) {
  return z
    .string({ error: "expected a string" })
    .min(minChars, { error: "expected a string that is not empty" })
    .max(maxChars, { error: `expected at most ${maxChars} characters` })
    .refine(isStorableText, { error: "expected text without NUL and lone surrogates" });
}

/** `null` counts as absent. */
function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const userId = text(LIMITS.userIdChars, 1);
const userAgent = optional(text(LIMITS.userAgentChars));
const string = text(LIMITS.stringChars);
const flag = optional(z.boolean({ error: "expected true or false" }));
const tags = optional(
  z
    .array(text(LIMITS.tagChars), { error: "expected a list of tags" })
    .max(LIMITS.tags, { error: `expected at most ${LIMITS.tags} tags` }),
);

const metadata = z.unknown().transform((value, context): JsonValue | undefined => {
  const problem = value === undefined ? undefined : metadataProblem(value);
  if (problem) context.addIssue({ code: "custom", message: problem });
  return value as JsonValue | undefined;
});

const deviceCookie = optional(string);

const proof = {
  signedDeviceChallenge: text(LIMITS.proofChars),
  requestUrl: optional(string),
  requestMethod: optional(string),
};

const validateSession = z.object({
  sessionToken: optional(string),
  userAgent,
  ipAddress: optional(string),
  requiredTags: tags,
  deviceVerification: optional(z.object(proof, { error: "expected an object" })),
  ignoreDeviceForVerification: flag,
  deviceCookie,
  attemptId: optional(text(128)),
});

const changes = {
  tagsToAdd: tags,
  tagsToRemove: tags,
  // null has a meaning here, and presence of the key is what conflicts: so neither is `optional()`.
  newMetadata: metadata.optional(),
  patchMetadata: metadata.optional(),
};

const page = optional(
  z
    .int({ error: "expected a whole number" })
    .min(0, { error: "expected 0 or more" })
    .max(LIMITS.page, { error: `expected at most ${LIMITS.page}` }),
);

/** Checks the `data` of each command. Unknown fields are ignored. */
export const COMMAND_SCHEMAS: { readonly [C in CommandName]: z.ZodType<CommandData[C]> } = {
  // Whatever it is given: without data it is as good.
  Ping: z.unknown().transform((data) => ({ extensions: Object(data).extensions === true })),
  CreateSession: z.object({
    userId,
    tags,
    userAgent,
    ipAddress: optional(string),
    metadata: metadata.transform((value) => value ?? undefined).optional(),
    deviceRegistration: optional(z.object({ ...proof, rememberDevice: flag }, { error: "expected an object" })),
    deviceCookie,
    legacyId: optional(text(LIMITS.stringChars, 1)),
    legacySecret: optional(text(LIMITS.stringChars, 32)),
    authenticatedAt: optional(z.int({ error: "expected whole Unix seconds" }).min(0, { error: "expected 0 or more" })),
  }),
  ValidateSession: validateSession,
  ValidateAndRefreshSession: validateSession,
  FetchAllSessionsForUser: z.object({ userId, sessionTags: tags }),
  FetchAllSessions: z.object({ userId: optional(userId), sessionTags: tags, page }),
  FetchSessionById: z.object({ sessionId: string }),
  UpdateSession: z.object({ sessionId: string, ...changes }),
  UpdateSessions: z.object({
    filter: z.object({ userId: optional(userId), sessionTags: tags }, { error: "expected an object" }),
    ...changes,
  }),
  InvalidateSessionByToken: z.object({
    sessionToken: optional(string),
    cause: optional(z.literal("ConflictingCookies", { error: 'expected "ConflictingCookies"' })),
    replaced: flag,
  }),
  InvalidateSessionById: z.object({ sessionId: string, userId: optional(userId) }),
  InvalidateAllSessionsForUser: z.object({ userId, sessionTags: tags, forgetDevices: flag }),
  InvalidateAllSessionsForUserExceptOne: z.object({
    userId,
    sessionTokenToKeep: string,
    sessionTags: tags,
    forgetDevices: flag,
  }),
  CreateDeviceChallenge: z.object({ userAgent, ipAddress: optional(string) }),
  RegisterDevice: z.object({
    sessionToken: optional(string),
    sessionId: optional(string),
    ...proof,
    rememberDevice: flag,
    deviceCookie,
    userAgent,
    ipAddress: optional(string),
  }),
  CreateUpgradeTicket: z.object({ sessionId: string }),
  RedeemUpgradeTicket: z.object({ ticket: string }),
  FetchRememberedDevicesForUser: z.object({ userId }),
  ForgetRememberedDevice: z.object({ userId, deviceId: string }),
};
