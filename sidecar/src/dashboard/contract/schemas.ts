import { LIMITS } from "@byo-session/core/contract";
import { z } from "zod";
import { DOCUMENT_SETTINGS } from "../../engine/policy/settings.ts";
import type { InputOf } from "./api.ts";
import type { CallName } from "./calls.ts";
import { PASSWORD_MAX_CHARS } from "./errors.ts";
import { ROLES } from "./roles.ts";
import { DEVICE_TYPES, END_REASONS, EXPORT_FORMATS, SESSION_EVENTS, SESSION_STATES } from "./sessions.ts";

/**
 * The inputs of all calls. Unknown fields are refused, so no field reaches code that does not expect it.
 * In a query everything arrives as text.
 */

function text(max: number, min = 1) {
  const error = `expected ${min} to ${max} characters`;
  return z.string({ error }).min(min, { error }).max(max, { error });
}

/** Refuses U+0000: Postgres cannot store it in text. */
function storedText(max: number) {
  return text(max).refine((value) => !value.includes("\u0000"), { error: "expected no U+0000" });
}

const sessionId = z.uuid({ error: "expected a session id" });
const username = text(128).regex(/^[^\s\p{Cc}]+$/u, { error: "expected no whitespace" });
/** Only the size is checked here, because hashing costs time. The password rules apply when one is chosen. */
const password = z
  .string({ error: "expected a password" })
  .max(PASSWORD_MAX_CHARS * 4, { error: "expected a shorter password" });
const code = z.string({ error: "expected six digits" }).regex(/^\d{6}$/, { error: "expected six digits" });
const cursor = text(200);
const role = z.enum(ROLES, { error: `expected one of ${ROLES.join(", ")}` });

function number(max: number, min = 0) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}
const numberOf = ({ min, max }: { min: number; max: number }) => number(max, min);
const FAR_FUTURE_SECS = 253_402_300_799;
const MAX_SECS = 315_360_000;
const revision = number(2_147_483_647);

function fromQuery<T>(schema: z.ZodType<T>) {
  return z.preprocess(
    (value) => (typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
}
const time = fromQuery(number(FAR_FUTURE_SECS));
const yesOrNo = z.preprocess(
  (value) => (value === "true" ? true : value === "false" ? false : value),
  z.boolean({ error: "expected true or false" }),
);
const tag = storedText(LIMITS.tagChars);
/** Too long a list is refused before its entries are checked: a body has room for a hundred thousand. */
function listOf<S extends z.ZodType>(entry: S, most: number, error: string) {
  return z
    .array(z.unknown(), { error })
    .max(most, { error: `${error}, at most ${most}`, abort: true })
    .pipe(z.array(entry, { error }));
}
/** A single parameter arrives as text, not as a list. */
const tags = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  listOf(tag, LIMITS.tags, "expected tags"),
);

const filter = {
  state: z.enum(SESSION_STATES, { error: `expected one of ${SESSION_STATES.join(", ")}` }).optional(),
  userId: storedText(LIMITS.userIdChars).optional(),
  ip: text(64).optional(),
  tag: tags.optional(),
  createdFrom: time.optional(),
  createdTo: time.optional(),
  endedFrom: time.optional(),
  endedTo: time.optional(),
  browser: storedText(64).optional(),
  os: storedText(64).optional(),
  deviceType: z.enum(DEVICE_TYPES, { error: `expected one of ${DEVICE_TYPES.join(", ")}` }).optional(),
  bound: yesOrNo.optional(),
  endReason: z.enum(END_REASONS, { error: `expected one of ${END_REASONS.join(", ")}` }).optional(),
  activeAt: time.optional(),
  event: z.enum(SESSION_EVENTS, { error: `expected one of ${SESSION_EVENTS.join(", ")}` }).optional(),
  eventFrom: time.optional(),
  eventTo: time.optional(),
};
const format = z.enum(EXPORT_FORMATS, { error: `expected one of ${EXPORT_FORMATS.join(", ")}` });
const many = { userId: storedText(LIMITS.userIdChars).optional(), tag: tag.optional() };
const isOne = ({ userId, tag: ofTag }: { userId?: string; tag?: string }) =>
  (userId === undefined) !== (ofTag === undefined);
const oneOfTwo = { error: "expected a userId or a tag, not both" };
const log = {
  actor: storedText(160).optional(),
  event: storedText(64).optional(),
  from: time.optional(),
  to: time.optional(),
};

const MAX_POLICY_CHARS = 200_000;
const policyText = z
  .string({ error: "expected the text of a policy" })
  .max(MAX_POLICY_CHARS, { error: `expected at most ${MAX_POLICY_CHARS} characters` });

const nothing = z.strictObject({});

export const SCHEMAS: { readonly [C in CallName]: z.ZodType<InputOf<C>> } = {
  "access/state": nothing,
  "access/log-in": z.strictObject({ username, password, code: code.optional() }),
  "access/log-out": nothing,
  "access/change-password": z.strictObject({ currentPassword: password, newPassword: password }),
  "access/confirm-password": z.strictObject({ password, code: code.optional() }),
  "access/start-second-factor": nothing,
  "access/enable-second-factor": z.strictObject({ code }),
  "access/remove-second-factor": z.strictObject({ code }),

  "sessions/list": z.strictObject({
    ...filter,
    cursor: cursor.optional(),
    limit: fromQuery(number(100, 1)).optional(),
  }),
  "sessions/count": z.strictObject(filter),
  "sessions/detail": z.strictObject({ sessionId }),
  "sessions/timeline": z
    .strictObject({ sessionId: sessionId.optional(), userId: many.userId, cursor: cursor.optional() })
    .refine(({ sessionId: id, userId }) => (id === undefined) !== (userId === undefined), {
      error: "expected a sessionId or a userId, not both",
    }),
  "sessions/export": z.strictObject({ ...filter, format }),
  "sessions/end-one": z.strictObject({ sessionId }),
  "sessions/end-count": z.strictObject(many).refine(isOne, oneOfTwo),
  "sessions/end-many": z.strictObject({ ...many, confirmation: text(LIMITS.userIdChars) }).refine(isOne, oneOfTwo),

  "overview/series": z.strictObject({ from: time, to: time }),
  "overview/top-tags": nothing,
  "overview/health": nothing,

  "policies/current": nothing,
  "policies/check": z.strictObject({ text: policyText }),
  "policies/explain": z.strictObject({ tags, text: policyText.optional() }),
  "policies/preview": z.strictObject({ text: policyText }),
  "policies/save": z.strictObject({
    text: policyText,
    expectedRevision: revision,
    comment: storedText(500).optional(),
  }),
  "policies/revisions": z.strictObject({ before: fromQuery(revision).optional() }),
  "policies/revision": z.strictObject({ revision: fromQuery(revision) }),
  "policies/rollback": z.strictObject({ revision, expectedRevision: revision }),
  "policies/export": nothing,

  "settings/retention": nothing,
  "settings/set-retention": z.strictObject({
    ended_session_retention_secs: numberOf(DOCUMENT_SETTINGS.ended_session_retention_secs),
    audit_retention_secs: numberOf(DOCUMENT_SETTINGS.audit_retention_secs),
    expectedRevision: revision,
  }),
  "settings/signing-keys": nothing,
  "settings/integration-keys": nothing,
  "settings/create-integration-key": z.strictObject({
    name: storedText(100),
    allowedCommands: listOf(text(64), 100, "expected names of commands").optional(),
    mayIgnoreDevices: z.boolean({ error: "expected true or false" }).optional(),
    expiresInSecs: number(MAX_SECS, 60).optional(),
  }),
  "settings/revoke-integration-key": z.strictObject({ id: z.uuid({ error: "expected the id of a key" }) }),
  "settings/users": nothing,
  "settings/create-user": z.strictObject({ username, role }),
  "settings/change-user": z.strictObject({
    username,
    role: role.optional(),
    isDisabled: z.boolean({ error: "expected true or false" }).optional(),
  }),
  "settings/reset-password": z.strictObject({ username }),
  "settings/reset-second-factor": z.strictObject({ username }),

  "log/list": z.strictObject({ ...log, cursor: cursor.optional() }),
  "log/export": z.strictObject({ ...log, format }),
};
