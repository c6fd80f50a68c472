import { type CommandError, type EndReason, invalidToken, ipError } from "@byo-session/core/contract";
import { isEncrypted } from "../../keys/envelope.ts";
import { checkIp } from "../../policy/ip-address.ts";
import type { Policy } from "../../policy/policy.ts";
import { compareUserAgents, type UserAgentChange } from "../../policy/user-agent.ts";
import type { Attempt, DeviceEvidence, Presentation } from "../attempt.ts";
import { type ClientPairs, isShared, nextPairs, pairOf } from "../client-pairs.ts";
import type { RefusalReason } from "../refusal-reason.ts";
import { ignoresSuccessor, type RotationStep, rotationStep } from "../rotate/step.ts";
import type { SessionRow } from "../session.ts";
import type { Position } from "../token/position.ts";
import type { SessionToken } from "../token/session-token.ts";

export type Decision = Refusal | Ending | Acceptance;

/** The request is refused; the session lives on. */
export interface Refusal {
  kind: "refuse";
  error: CommandError;
  reason: RefusalReason;
  /** The event in the audit trail. */
  event: "SessionRefused" | "DeviceProofMissing";
  /** The token was never issued: this is counted, but not recorded in the session's audit trail. */
  unknown: boolean;
}

export interface Ending {
  kind: "end";
  reason: EndReason;
  error: CommandError;
  /** What led to it, for the audit trail, where the reason does not say. */
  cause?: "LostChanges";
}

export interface Acceptance {
  kind: "accept";
  position: Position;
  rotation: RotationStep;
  userAgent: "same" | "upgraded" | "flagged";
  /** The last two clients, if they changed. */
  pairs: ClientPairs | undefined;
  shared: boolean;
}

export const UNKNOWN_TOKEN: Refusal = {
  kind: "refuse",
  error: invalidToken("NotFound"),
  reason: "NotFound",
  event: "SessionRefused",
  unknown: true,
};

const NO_BROWSER: Refusal = {
  kind: "refuse",
  error: invalidToken(
    "UserAgentMissing",
    "expected the browser of the login, not a media player, a downloader or a system service",
  ),
  reason: "UserAgentNoBrowser",
  event: "SessionRefused",
  unknown: false,
};

/**
 * Decides what happens to a presented token. It is a pure function, so every rule can be tested without a database. The
 * order of the checks is part of the contract: a session's id alone must have no effect, and a token without the
 * device's proof must not end a session that has a device.
 */
export function decide(attempt: Attempt): Decision {
  if (attempt.position === "forged") return UNKNOWN_TOKEN;
  return (
    endedOrLapsed(attempt) ??
    refusedForDevice(attempt) ??
    refusedForRequest(attempt) ??
    ending(attempt) ??
    accepted(attempt)
  );
}

/** The current token of a living session was presented, and accepting it changes nothing and needs no new token. */
export function isPlain(decision: Decision): boolean {
  if (decision.kind !== "accept") return false;
  const { position, rotation, userAgent, pairs, shared } = decision;
  const rotates = rotation.change !== "none" || rotation.answer !== "none";
  return position === "current" && !rotates && userAgent === "same" && pairs === undefined && !shared;
}

function refuse(error: CommandError, reason: RefusalReason): Refusal {
  return { kind: "refuse", error, reason, event: "SessionRefused", unknown: false };
}

function end(reason: EndReason, error: CommandError = invalidToken(reason)): Ending {
  return { kind: "end", reason, error };
}

/** Long enough for requests that were sent before the new cookie arrived. */
const JUST_REPLACED_MS = 60_000;

function endedToken({ replacedAt, now }: SessionRow, reason: EndReason): CommandError {
  const isReplaced = replacedAt !== null && now - replacedAt < JUST_REPLACED_MS;
  return { ...invalidToken(reason), ...(isReplaced && { replaced: true }) };
}

function endedOrLapsed({ row, lapse }: Attempt): Decision | undefined {
  if (row.endReason) return refuse(endedToken(row, row.endReason), row.endReason);
  return lapse && end(lapse);
}

function refusedForDevice({ row, policy, position, device }: Attempt): Decision | undefined {
  const required = refuse({ type: "DeviceVerificationRequired" }, "DeviceVerificationRequired");
  const missing: Refusal = { ...required, event: "DeviceProofMissing" };
  if (device.kind === "refused") {
    const { error } = device;
    return error.type === "DeviceVerificationRequired" ? missing : refuse(error, error.type);
  }
  if (isUnproved(device) && (position === "stale" || position === "ahead")) return missing;
  return policy.require_device !== "none" && row.deviceThumbprint === null ? required : undefined;
}

/** The session has a device whose key did not sign this request: it may read the session, but not change it. */
function isUnproved(device: DeviceEvidence): boolean {
  return device.kind === "ignored" || device.kind === "recent";
}

function refusedForRequest({ row, policy, presented }: Attempt): Decision | undefined {
  const problem = ipProblem(row, policy, presented);
  if (problem) return refuse(ipError(problem), `IpAddress${problem}`);
  const missing = presented.requiredTags.find((tag) => !row.tags.includes(tag));
  if (missing !== undefined) return refuse(invalidToken("MissingRequiredTag", missing), "MissingRequiredTag");
  if (row.userAgent !== null && presented.userAgent === undefined)
    return refuse(invalidToken("UserAgentMissing"), "UserAgentMissing");
  return undefined;
}

function ipProblem(row: SessionRow, policy: Policy, { ipAddress, isIpMalformed }: Presentation) {
  if (isIpMalformed) return "Malformed";
  return row.ipAddress !== null && ipAddress === undefined ? "Missing" : checkIp(policy, ipAddress);
}

/** The rules that end a session. If it has a device, the request is only refused, unless the device proved it. */
function ending(attempt: Attempt): Decision | undefined {
  const decision = endingRule(attempt);
  if (decision?.kind !== "end" || !isUnproved(attempt.device)) return decision;
  return refuse(decision.error, decision.reason);
}

/** If the owner cannot be distinguished from another holder of the session's tokens, it ends for both. */
function endedForToken({ row, position, token, device }: Attempt): Ending | undefined {
  if (device.kind !== "unbound") return undefined;
  if (position === "stale") return end("TokenReused");
  if (position !== "ahead") return undefined;
  // A newer token is known by its tag alone, which everyone can make who has read the salt.
  if (!isEncrypted(row.salt)) {
    const error = invalidToken("Revoked", "the database has lost changes, and its salts are not encrypted");
    return { ...end("Revoked", error), cause: "LostChanges" };
  }
  return isOfAnotherParty(row, token) ? end("TokenReused") : undefined;
}

/**
 * After a loss, one browser presents its newest token and goes on from there. If a token even newer than the next one
 * comes after the grace of the first, two parties hold the session.
 */
function isOfAnotherParty({ adoptedAt, prevUntil, gen, now }: SessionRow, token: SessionToken): boolean {
  return adoptedAt !== null && token.gen > gen + 1 && (prevUntil === null || now > prevUntil);
}

function endingRule(attempt: Attempt): Decision | undefined {
  const { row, policy, position, presented, device } = attempt;
  const ended = endedForToken(attempt);
  if (ended) return ended;
  if (policy.disallow_ip_address_changes && row.ipAddress !== null && presented.ipAddress !== row.ipAddress) {
    return end("IpAddressChanged", ipError("IpAddressChanged"));
  }
  const agent = userAgentOf(row, presented);
  const isEnforced = userAgentCheck(row, policy) === "enforce";
  if (isEnforced && agent === "changed") return end("UserAgentChanged");
  const endsShared = policy.on_shared_session === "end" && device.kind === "unbound" && position === "current";
  // A media player or downloader next to the browser is not theft. It is refused, so it does not count as a second
  // client either, and a thief gains nothing by using its name.
  if (agent === "companion" && (isEnforced || endsShared)) return NO_BROWSER;
  if (endsShared && isShared(row, pairOf(presented))) {
    return end("TokenReused", invalidToken("TokenReused", "two clients use this session in turn"));
  }
  if (ignoresSuccessor(row, policy, position)) {
    return refuse(invalidToken("Expired", "the client never used the successor of this token"), "SuccessorIgnored");
  }
  return undefined;
}

function accepted({ row, policy, position, presented, device }: Attempt): Acceptance {
  const { ipAddress, userAgent, refresh } = presented;
  const seen = userAgentOf(row, presented);
  // A request without a proof must not change what later requests are compared with.
  const unproved = isUnproved(device);
  const agent = seen === "upgraded" && unproved ? "same" : seen;
  const isOther = agent === "changed" || agent === "companion";
  const rotation = rotationStep(row, policy, position, {
    refresh,
    proved: device.kind === "proved",
    unproved,
    ipAddress,
    userAgent,
  });
  const watched = policy.on_shared_session !== "off" && position === "current" && device.kind !== "recent";
  const pair = watched ? pairOf(presented) : undefined;
  return {
    kind: "accept",
    position,
    rotation,
    userAgent: isOther ? (userAgentCheck(row, policy) === "flag" ? "flagged" : "same") : agent,
    pairs: nextPairs(row, pair),
    shared: isShared(row, pair),
  };
}

/** With a device the check only flags: a proof is stronger than a user agent, and tablets switch to "desktop site". */
function userAgentCheck(row: SessionRow, policy: Policy): "enforce" | "flag" | "off" {
  return policy.user_agent_check ?? (row.deviceThumbprint === null ? "enforce" : "flag");
}

function userAgentOf(row: SessionRow, presented: Presentation): UserAgentChange {
  if (row.userAgent === null || presented.userAgent === undefined) return "same";
  return row.userAgent === presented.userAgent ? "same" : compareUserAgents(row.userAgent, presented.userAgent);
}
