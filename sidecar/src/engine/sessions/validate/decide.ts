import type { CommandError, EndReason } from "@byo-session/core/contract";
import { checkIp } from "../../policy/ip-address.ts";
import type { Policy } from "../../policy/policy.ts";
import { compareUserAgents, type UserAgentChange } from "../../policy/user-agent.ts";
import type { Attempt, DeviceEvidence, Presentation } from "../attempt.ts";
import { type ClientPairs, isShared, nextPairs, pairOf } from "../client-pairs.ts";
import { invalidToken, ipError } from "../errors.ts";
import { ignoresSuccessor, type RotationStep, rotationStep } from "../rotate/step.ts";
import type { SessionRow } from "../session.ts";
import type { Position } from "../token/position.ts";

export type Decision = Refusal | Ending | Acceptance;

/** The session lives on. */
export interface Refusal {
  kind: "refuse";
  error: CommandError;
  reason: string;
  /** In the audit trail. */
  event: "SessionRefused" | "DeviceProofMissing";
  /** The token was never issued: counted, but no business of the session's audit trail. */
  unknown: boolean;
}

export interface Ending {
  kind: "end";
  reason: EndReason;
  error: CommandError;
}

export interface Acceptance {
  kind: "accept";
  position: Position;
  rotation: RotationStep;
  userAgent: "same" | "upgraded" | "flagged";
  /** The last two clients, where they changed. */
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
  error: invalidToken("UserAgentMissing", "a media player, a downloader or a service of the system is no browser"),
  reason: "UserAgentNoBrowser",
  event: "SessionRefused",
  unknown: false,
};

/**
 * What becomes of a presented token: pure, so that every rule can be tried without a database. The order of the checks
 * is part of the contract: nothing may follow from a session's id alone, and on a session with a device nothing that
 * ends it may follow from a token without the device's proof.
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

/** The session lives, its current token was presented, and the answer changes nothing and brings no other token. */
export function isPlain(decision: Decision): boolean {
  if (decision.kind !== "accept") return false;
  const { position, rotation, userAgent, pairs, shared } = decision;
  const rotates = rotation.change !== "none" || rotation.answer !== "none";
  return position === "current" && !rotates && userAgent === "same" && pairs === undefined && !shared;
}

function refuse(error: CommandError, reason: string): Refusal {
  return { kind: "refuse", error, reason, event: "SessionRefused", unknown: false };
}

function end(reason: EndReason, error: CommandError = invalidToken(reason)): Ending {
  return { kind: "end", reason, error };
}

/** Longer than the answer to a request takes that was sent before the new cookie had come. */
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
  if (isUnproved(device) && position === "stale") return missing;
  return policy.require_device !== "none" && row.deviceThumbprint === null ? required : undefined;
}

/** The session has a device whose key did not sign this request: it may read the session, and changes nothing of it. */
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

/** The rules that end a session. One with a device is only refused, unless the device itself proved the request. */
function ending(attempt: Attempt): Decision | undefined {
  const decision = endingRule(attempt);
  if (decision?.kind !== "end" || !isUnproved(attempt.device)) return decision;
  return refuse(decision.error, decision.reason);
}

function endingRule({ row, policy, position, presented, device }: Attempt): Decision | undefined {
  if (position === "stale" && device.kind === "unbound") return end("TokenReused");
  if (policy.disallow_ip_address_changes && row.ipAddress !== null && presented.ipAddress !== row.ipAddress) {
    return end("IpAddressChanged", ipError("IpAddressChanged"));
  }
  const agent = userAgentOf(row, presented);
  const isEnforced = userAgentCheck(row, policy) === "enforce";
  if (isEnforced && agent === "changed") return end("UserAgentChanged");
  const endsShared = policy.on_shared_session === "end" && device.kind === "unbound" && position === "current";
  // A player or a downloader beside the browser is no theft. Refused, it is no second client of the session either, and a
  // thief gains nothing by its name.
  if (agent === "companion" && (isEnforced || endsShared)) return NO_BROWSER;
  if (endsShared && isShared(row, pairOf(presented))) {
    return end("TokenReused", invalidToken("TokenReused", "two clients use this session in turn"));
  }
  if (ignoresSuccessor(row, policy, position)) {
    return refuse(invalidToken("Expired", "the successor of this token was given and never used"), "SuccessorIgnored");
  }
  return undefined;
}

function accepted({ row, policy, position, presented, device }: Attempt): Acceptance {
  const { ipAddress, userAgent, refresh } = presented;
  const seen = userAgentOf(row, presented);
  // A request without a proof must not change what later ones are compared with.
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

/** A proof is stronger evidence than a user agent, and tablets switch to "desktop site": with a device it only flags. */
function userAgentCheck(row: SessionRow, policy: Policy): "enforce" | "flag" | "off" {
  return policy.user_agent_check ?? (row.deviceThumbprint === null ? "enforce" : "flag");
}

function userAgentOf(row: SessionRow, presented: Presentation): UserAgentChange {
  if (row.userAgent === null || presented.userAgent === undefined) return "same";
  return row.userAgent === presented.userAgent ? "same" : compareUserAgents(row.userAgent, presented.userAgent);
}
