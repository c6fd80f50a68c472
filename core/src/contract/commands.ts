import { z } from "zod";
import { command, type Particulars } from "./command.ts";
import type { CommandError, CommandErrorType } from "./errors.ts";
import * as field from "./fields.ts";
import { IMPERSONATION_COMMANDS } from "./impersonation.ts";
import { LIMITS } from "./limits.ts";
import { STATELESS_TOKEN_COMMANDS } from "./stateless-tokens.ts";
import type {
  CreatedSession,
  CreateSessionData,
  DeviceChallenge,
  Extension,
  ForgetDevices,
  FoundSession,
  InvalidateByTokenData,
  InvalidateSessionsData,
  ManySessions,
  NewDeviceCookie,
  NextPart,
  RefreshedSession,
  RegisterDeviceData,
  RememberedDevice,
  SessionChanges,
  SessionInfo,
  SessionPage,
  ValidatedSession,
  ValidateSessionData,
} from "./types.ts";

const { optional, string, userId, tags, flag, deviceCookie, proof, changes } = field;

const client = { userAgent: field.userAgent, ipAddress: optional(string) };

const validation = {
  input: z.object({
    sessionToken: optional(string),
    ...client,
    requiredTags: tags,
    deviceVerification: optional(z.object(proof, { error: "expected an object" })),
    ignoreDeviceForVerification: flag,
    deviceCookie,
    attemptId: optional(field.text(LIMITS.attemptIdChars)),
    activity: optional(z.enum(["none", "later"], { error: 'expected "none" or "later"' })),
  }),
  errors: [
    "InvalidSessionToken",
    "IpAddressError",
    "NewDeviceChallengeRequired",
    "DeviceVerificationRequired",
    "DeviceVerificationFailed",
  ],
  isRepeatable: true,
  isShareable: true,
} satisfies Partial<Particulars<ValidateSessionData, CommandErrorType>>;

const manySessions = {
  filter: z.object({ userId: optional(userId), sessionTags: tags }, { error: "expected an object" }),
  pagingToken: optional(string),
};

const once = {
  id: field.text(LIMITS.stringChars, 1),
  keptUntil: field.unixSecs,
  attemptId: field.text(LIMITS.attemptIdChars, 1),
};

type Empty = Record<string, never>;
type Invalidated = { sessionsInvalidated: number };

/** The supported commands. */
export const COMMANDS = {
  Ping: command<{ extensions?: boolean }, { timestamp: number; extensions?: Extension[] }>()({
    does: "returns the database's time, and with `extensions: true` the additions to the contract that this sidecar supports",
    // It accepts any data, or none.
    input: z.unknown().transform((data) => ({ extensions: Object(data).extensions === true })),
    isRepeatable: true,
  }),
  CreateSession: command<CreateSessionData, CreatedSession>()({
    does: "creates a session",
    input: z.object({
      userId,
      tags,
      ...client,
      metadata: field.metadata.transform((value) => value ?? undefined).optional(),
      deviceRegistration: optional(z.object({ ...proof, rememberDevice: flag }, { error: "expected an object" })),
      deviceCookie,
      legacyId: optional(field.text(LIMITS.stringChars, 1)),
      legacySecret: optional(field.text(LIMITS.stringChars, 32)),
      authenticatedAt: optional(field.unixSecs),
      lifetimeSecs: optional(z.int({ error: "expected whole seconds" }).min(1, { error: "expected 1 or more" })),
    }),
    errors: [
      "SessionLimitExceeded",
      "IpAddressError",
      "TagParseError",
      "InvalidDeviceRegistration",
      "LegacySessionUsed",
      "LegacySessionExpired",
    ],
  }),
  ValidateSession: command<ValidateSessionData, ValidatedSession>()({
    does: "returns the session of a token; never rotates it",
    ...validation,
  }),
  ValidateAndRefreshSession: command<ValidateSessionData, RefreshedSession>()({
    does: "the same, and returns a successor when the token is due for one",
    ...validation,
  }),
  // Not repeatable: one that arrives late would count as a later use.
  NoteActivity: command<{ sessionId: string; ipAddress?: string }, Empty>()({
    does: 'counts a request as activity whose validation said `activity: "later"`',
    input: z.object({ sessionId: string, ipAddress: optional(string) }),
    errors: ["SessionNotFound"],
    isOurs: true,
  }),
  FetchAllSessionsForUser: command<{ userId: string; sessionTags?: string[] }, { sessions: SessionInfo[] }>()({
    does: "lists a user's sessions",
    input: z.object({ userId, sessionTags: tags }),
    isRepeatable: true,
  }),
  FetchAllSessions: command<{ userId?: string; sessionTags?: string[]; page?: number }, SessionPage>()({
    does: "lists all sessions, in pages of 50",
    input: z.object({ userId: optional(userId), sessionTags: tags, page: field.page }),
    isRepeatable: true,
  }),
  FetchSessionById: command<{ sessionId: string; tellEnd?: boolean }, FoundSession>()({
    does: "returns one session",
    input: z.object({ sessionId: string, tellEnd: flag }),
    errors: ["SessionNotFound"],
    isRepeatable: true,
  }),
  UpdateSession: command<{ sessionId: string } & SessionChanges, Empty>()({
    does: "changes the tags or the metadata of a session",
    input: z.object({ sessionId: string, ...changes }),
    errors: ["SessionNotFound", "ConflictingMetadataOptions", "InvalidTagFormat", "CannotModifyOnCreateOnlyTags"],
  }),
  UpdateSessions: command<ManySessions & SessionChanges, { updatedCount: number } & NextPart>()({
    does: "the same for up to 1,000 sessions that match a filter, or for any number in parts",
    input: z.object({ ...manySessions, ...changes }),
    errors: [
      "UpdatingTooManySessionsAtOnce",
      "ConflictingMetadataOptions",
      "InvalidTagFormat",
      "CannotModifyOnCreateOnlyTags",
    ],
  }),
  InvalidateSessionByToken: command<InvalidateByTokenData, Empty>()({
    does: "ends the session of a token; an unknown token is not an error",
    input: z.object({
      sessionToken: optional(string),
      cause: optional(z.literal("ConflictingCookies", { error: 'expected "ConflictingCookies"' })),
      replaced: flag,
    }),
    isRepeatable: true,
  }),
  // Not repeatable: a second call would answer SessionNotFound, because the first has ended the session.
  InvalidateSessionById: command<{ sessionId: string; userId?: string }, Empty>()({
    does: "ends one session; with `userId`, only a session of that user",
    input: z.object({ sessionId: string, userId: optional(userId) }),
    errors: ["SessionNotFound"],
  }),
  InvalidateAllSessionsForUser: command<{ userId: string; sessionTags?: string[] } & ForgetDevices, Invalidated>()({
    does: "ends all sessions of a user",
    input: z.object({ userId, sessionTags: tags, forgetDevices: flag }),
    isRepeatable: true,
  }),
  InvalidateAllSessionsForUserExceptOne: command<
    { userId: string; sessionTokenToKeep: string; sessionTags?: string[] } & ForgetDevices,
    Invalidated
  >()({
    does: "ends all sessions of a user except the session of a token",
    input: z.object({ userId, sessionTokenToKeep: string, sessionTags: tags, forgetDevices: flag }),
    isRepeatable: true,
  }),
  // Repeatable: sessions that the first call has ended no longer match the filter.
  InvalidateSessions: command<InvalidateSessionsData, Invalidated & NextPart>()({
    does: "ends the sessions that match a filter, up to 1,000 per call",
    input: z.object({
      ...manySessions,
      once: optional(z.object(once, { error: "expected an object" })),
      cause: optional(z.literal("BackchannelLogout", { error: 'expected "BackchannelLogout"' })),
    }),
    errors: ["AlreadyDone"],
    isRepeatable: true,
    isOurs: true,
  }),
  CreateDeviceChallenge: command<{ userAgent?: string; ipAddress?: string }, DeviceChallenge>()({
    does: "returns a challenge for device proofs",
    input: z.object(client),
    isRepeatable: true,
  }),
  RegisterDevice: command<RegisterDeviceData, { newDeviceDetected: boolean; newDeviceCookie?: NewDeviceCookie }>()({
    does: "binds a session to the device key that a proof shows",
    input: z.object({
      sessionToken: optional(string),
      sessionId: optional(string),
      ...proof,
      rememberDevice: flag,
      deviceCookie,
      ...client,
    }),
    errors: ["SessionNotFound", "NewDeviceChallengeRequired", "InvalidDeviceRegistration", "DeviceAlreadyRegistered"],
  }),
  ...STATELESS_TOKEN_COMMANDS,
  ...IMPERSONATION_COMMANDS,
  CreateUpgradeTicket: command<{ sessionId: string }, { ticket: string; expiresAt: number }>()({
    does: "returns a ticket that opens one WebSocket of the session, until `expiresAt`",
    input: z.object({ sessionId: string }),
    errors: ["SessionNotFound"],
    isOurs: true,
  }),
  // `deviceCookie` replaces the proof with which the ticket was requested, for the ticket's own lifetime.
  RedeemUpgradeTicket: command<{ ticket: string }, { sessionId: string; deviceCookie?: string }>()({
    does: "redeems such a ticket",
    input: z.object({ ticket: string }),
    errors: ["InvalidSessionToken"],
    isOurs: true,
  }),
  FetchRememberedDevicesForUser: command<{ userId: string }, { devices: RememberedDevice[] }>()({
    does: "lists a user's remembered devices",
    input: z.object({ userId }),
    isRepeatable: true,
    isOurs: true,
  }),
  ForgetRememberedDevice: command<{ userId: string; deviceId: string }, { forgotten: boolean }>()({
    does: "forgets one of them",
    input: z.object({ userId, deviceId: string }),
    isOurs: true,
  }),
};

type Commands = typeof COMMANDS;
export type CommandName = keyof Commands;

/** The names, in the order of the table. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** The `data` of each command. */
export type CommandData = { [C in CommandName]: z.output<Commands[C]["input"]> };

/** What checks the data of a command. */
export function inputOf<C extends CommandName>(name: C): z.ZodType<CommandData[C]> {
  const entries: { readonly [N in CommandName]: { readonly input: z.ZodType<CommandData[N]> } } = COMMANDS;
  return entries[name].input;
}

/** The 200 answer of each command. */
export type CommandResponse = { [C in CommandName]: NonNullable<Commands[C]["answer"]> };

/** The errors about the integration key, which every command may answer. */
export const KEY_ERRORS = [
  "NoIntegrationKeyFoundInHeader",
  "InvalidPrefix",
  "IntegrationKeyNotFound",
  "CommandNotAllowed",
] as const satisfies readonly CommandErrorType[];

/** The errors that a command may answer: its own, those about the integration key, and `UnexpectedError`. */
export type CommandErrorOf<C extends CommandName> = Extract<
  CommandError,
  { type: Commands[C]["errors"][number] | (typeof KEY_ERRORS)[number] | "UnexpectedError" }
>;
