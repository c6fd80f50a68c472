import { readSessionConfig } from "../../src/engine/config/session-config.ts";
import { createEnvelope } from "../../src/engine/keys/envelope.ts";
import { createPolicyBook, type Policy } from "../../src/engine/policy/policy.ts";
import type { Attempt, Presentation } from "../../src/engine/sessions/attempt.ts";
import type { SessionRow } from "../../src/engine/sessions/session.ts";
import { standingOf } from "../../src/engine/sessions/standing.ts";
import { hashOfSecret, tokenAfter, tokenAt } from "../../src/engine/sessions/token/chain.ts";
import type { SessionToken } from "../../src/engine/sessions/token/session-token.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** When the session of these tests was created. */
export const LOGIN_MS = 1_800_000_000_000;
export const ID = "5f0c6a1e-9d3b-4c57-8a44-0123456789ab";
export const SALT = Buffer.alloc(32, 7);

/** The built-in policy, with changes. */
export function policyWith(changes: Partial<Policy> = {}): Policy {
  return { ...createPolicyBook(readSessionConfig("{}").config).policyFor([]), ...changes };
}

const FIRST = tokenAt(SALT, ID, 1, Buffer.alloc(32, 1));

/** The genuine token of a generation. */
export function tokenOf(gen: number): SessionToken {
  const token = tokenAfter(SALT, FIRST, gen);
  if (!token) throw new Error(`the chain does not reach generation ${gen}`);
  return token;
}

/** A row of the given generation, a minute after the login. */
export function rowWith(changes: Partial<SessionRow> = {}): SessionRow {
  const { gen = 1 } = changes;
  return {
    id: ID,
    userId: "ada",
    tags: [],
    metadata: null,
    createdAt: LOGIN_MS,
    expiresAt: LOGIN_MS + 1_209_600_000,
    lastActivityAt: LOGIN_MS,
    ipAddress: null,
    userAgent: null,
    lastIpAddress: null,
    salt: SALT,
    gen,
    curHash: hashOfSecret(tokenOf(gen).secret),
    nextHash: null,
    since: LOGIN_MS,
    prevUntil: null,
    rotationAsked: false,
    pendingSince: null,
    pendingCount: 0,
    confirmedIp: null,
    confirmedUserAgent: null,
    clientPair: null,
    otherPair: null,
    deviceThumbprint: null,
    endReason: null,
    replacedAt: null,
    adoptedAt: null,
    now: LOGIN_MS + MINUTE_MS,
    ...changes,
  };
}

/** The columns of a row whose successor is pending. */
export function pendingAfter(gen: number, sinceMs: number, count = 1): Partial<SessionRow> {
  return { gen, nextHash: hashOfSecret(tokenOf(gen + 1).secret), pendingSince: sinceMs, pendingCount: count };
}

/** What a request brings: its token, the evidence of its device, and the rest. */
export interface Brought extends Presentation, Pick<Attempt, "token" | "device"> {}

/** A validation of this row, under this policy. */
export function attemptWith(
  row: SessionRow,
  policy: Policy,
  { token = tokenOf(1), device = { kind: "unbound" }, ...presented }: Partial<Brought> = {},
  open = () => SALT,
): Attempt {
  const envelope = { ...createEnvelope({}), open };
  return {
    ...standingOf(row, policy, token, envelope),
    presented: {
      ipAddress: undefined,
      isIpMalformed: false,
      userAgent: undefined,
      requiredTags: [],
      refresh: true,
      ...presented,
    },
    device,
  };
}
