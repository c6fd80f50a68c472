import { z } from "zod";
import { command } from "./command.ts";
import * as field from "./fields.ts";
import type { JsonValue } from "./types.ts";

export interface CreateImpersonationData {
  /** An address as people write it in a form: no display name, ASCII only. Its case does not matter. */
  employeeEmail: string;
  /** The user to act as. */
  targetUserId: string;
  /** Of the employee's browser; empty if it sends none. Each validation must come from the same browser. */
  userAgent: string;
  /** Of the employee's browser. */
  ipAddress: string;
  /** For example the ticket for which the employee needs to see what the user sees. */
  metadata?: JsonValue;
  /**
   * Our extension: the employee's own session. The impersonation then works only together with it, ends with it, and
   * replaces an earlier one from it; a session of the target user is refused.
   */
  employeeSessionId?: string;
}

export interface CreatedImpersonation {
  /** The id of the impersonation session. */
  sessionId: string;
  impersonationSessionToken: string;
  expiresAt: number;
}

export interface ValidateImpersonationData {
  impersonationToken: string;
  userAgent: string;
  ipAddress: string;
  /** Our extension: required if the impersonation was created with it. */
  employeeSessionId?: string;
}

export interface ValidatedImpersonation {
  impersonationSessionId: string;
  /** In lower case. */
  employeeEmail: string;
  targetUserId: string;
  createdAt: number;
  expiresAt: number;
  metadata: JsonValue | null;
}

/** A living impersonation. */
export interface ImpersonationInfo {
  impersonationSessionId: string;
  employeeEmail: string;
  targetUserId: string;
  metadata?: JsonValue;
  createdAt: number;
  expiresAt: number;
}

export interface ActiveImpersonationsFilter {
  /** The `nextPagingToken` of the last answer. */
  pagingToken?: string;
  employeeEmail?: string;
  targetUserId?: string;
}

export interface ActiveImpersonations {
  sessions: ImpersonationInfo[];
  nextPagingToken?: string;
  hasMoreResults: boolean;
}

/** What a user may know of an impersonation: that it happened, and when. Never by whom. */
export interface VisibleImpersonation {
  impersonationSessionId: string;
  startedAt: number;
  /** Missing while it lasts. */
  endedAt?: number;
}

type Empty = Record<string, never>;
type Invalidated = { sessionsInvalidated: number };
type Sessions = { sessions: ImpersonationInfo[] };
type ById = { impersonationSessionId: string };

const { optional, string, userId, text } = field;
const employeeEmail = string;
const employeeSessionId = optional(string);
const client = { userAgent: field.requiredUserAgent, ipAddress: string };
const byId = z.object({ impersonationSessionId: string });
const ofEmployee = z.object({ employeeEmail });
const ofUser = z.object({ userId });

export const IMPERSONATION_COMMANDS = {
  CreateImpersonationSession: command<CreateImpersonationData, CreatedImpersonation>()({
    does: "lets an employee act as a user, if the configuration allows it",
    input: z.object({
      employeeEmail,
      targetUserId: userId,
      ...client,
      metadata: field.metadata.transform((value) => value ?? undefined).optional(),
      employeeSessionId,
    }),
    errors: ["ImpersonationDisabled", "UnauthorizedEmployee"],
  }),
  ValidateImpersonationSession: command<ValidateImpersonationData, ValidatedImpersonation>()({
    does: "returns the impersonation of a token",
    input: z.object({ impersonationToken: string, ...client, employeeSessionId }),
    errors: [
      "ImpersonationNotEnabled",
      "InvalidImpersonationToken",
      "SessionNotFound",
      "IpAddressMismatch",
      "UserAgentMismatch",
    ],
    isRepeatable: true,
    isShareable: true,
  }),
  FetchImpersonationSessionById: command<ById, ImpersonationInfo>()({
    does: "returns one impersonation",
    input: byId,
    errors: ["SessionNotFound"],
    isRepeatable: true,
  }),
  FetchAllImpersonationSessionsForEmployee: command<{ employeeEmail: string }, Sessions>()({
    does: "lists the impersonations by an employee",
    input: ofEmployee,
    isRepeatable: true,
  }),
  FetchAllImpersonationSessionsForUser: command<{ userId: string }, Sessions>()({
    does: "lists the impersonations of a user",
    input: ofUser,
    isRepeatable: true,
  }),
  FetchAllActiveImpersonationSessions: command<ActiveImpersonationsFilter, ActiveImpersonations>()({
    does: "lists all impersonations, in pages of 50",
    input: z.object({
      pagingToken: optional(text(1024)),
      employeeEmail: optional(employeeEmail),
      targetUserId: optional(userId),
    }),
    errors: ["InvalidPagingToken"],
    isRepeatable: true,
  }),
  // Not repeatable, like the next: a second call would answer SessionNotFound, because the first has ended it.
  InvalidateImpersonationSessionById: command<ById, Empty>()({
    does: "ends one impersonation",
    input: byId,
    errors: ["SessionNotFound"],
  }),
  InvalidateImpersonationSessionByToken: command<{ impersonationSessionToken: string }, Empty>()({
    does: "ends the impersonation of a token",
    input: z.object({ impersonationSessionToken: string }),
    errors: ["SessionNotFound"],
  }),
  InvalidateAllImpersonationSessionsForEmployee: command<{ employeeEmail: string }, Invalidated>()({
    does: "ends all impersonations by an employee",
    input: ofEmployee,
    isRepeatable: true,
  }),
  InvalidateAllImpersonationSessionsForUser: command<{ userId: string }, Invalidated>()({
    does: "ends all impersonations of a user",
    input: ofUser,
    isRepeatable: true,
  }),
  FetchVisibleImpersonationsForUser: command<{ userId: string }, { impersonations: VisibleImpersonation[] }>()({
    does: "lists the last 50 impersonations of a user that the user may see, including ended ones",
    input: ofUser,
    isRepeatable: true,
    isOurs: true,
  }),
};
