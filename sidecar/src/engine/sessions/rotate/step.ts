import type { Policy } from "../../policy/policy.ts";
import type { SessionRow } from "../session.ts";
import type { Position } from "../token/position.ts";

/** What a validation changes in the chain, and which token its answer carries. */
export interface RotationStep {
  /**
   * `start`: a successor becomes pending. `count`: its predecessor is still in use. `confirm`: the successor was used.
   * `adopt`: a token was used that the database has lost.
   */
  change: "none" | "start" | "count" | "confirm" | "adopt";
  answer: "none" | "successor" | "current";
}

const NO_STEP: RotationStep = { change: "none", answer: "none" };
const COUNTED_USES = 3;

/** What decides which token the presenter may get. */
export interface Presenter {
  /** `ValidateAndRefreshSession`: only it hands out tokens. */
  refresh: boolean;
  /** A valid proof of the device's key came with the request. */
  proved: boolean;
  /** The session has a device whose key did not sign this request: it never rotates or confirms. */
  unproved: boolean;
  ipAddress: string | undefined;
  userAgent: string | undefined;
}

export function rotationStep(row: SessionRow, policy: Policy, position: Position, presenter: Presenter): RotationStep {
  if (presenter.unproved) return NO_STEP;
  if (position === "successor") return { change: "confirm", answer: "none" };
  if (position === "ahead") return { change: "adopt", answer: "none" };
  if (!presenter.refresh) return NO_STEP;
  if (position === "current") return row.nextHash ? pendingStep(row, policy) : dueStep(row, policy);
  // Only a presenter who certainly owns the session gets the current token for an old one. If any holder got it, a busy
  // thief could not be detected.
  const exchanges = presenter.proved || (position === "previous" && isConfirmer(row, presenter));
  return exchanges ? { change: "none", answer: "current" } : NO_STEP;
}

/** Every request gets the successor until one uses it, so a lost answer does no harm. */
function pendingStep(row: SessionRow, policy: Policy): RotationStep {
  const counts =
    row.pendingCount < COUNTED_USES && pendingForMs(row) >= (row.pendingCount * maxPendingMs(policy)) / COUNTED_USES;
  return { change: counts ? "count" : "none", answer: "successor" };
}

function dueStep(row: SessionRow, policy: Policy): RotationStep {
  const intervalMs = policy.rotation_interval_secs * 1000;
  if (intervalMs === 0) return NO_STEP;
  const due = row.rotationAsked || row.now > row.since + intervalMs;
  const graceOver = row.prevUntil === null || row.now > row.prevUntil;
  return due && graceOver ? { change: "start", answer: "successor" } : NO_STEP;
}

/**
 * Whether the client ignores cookies: it keeps presenting a token although it got the successor many times, so its
 * token would never change. Counted uses are a third of the allowed time apart, so a browser whose answers were lost
 * before it went to sleep is not mistaken for one.
 */
export function ignoresSuccessor(row: SessionRow, policy: Policy, position: Position): boolean {
  return position === "current" && row.pendingCount >= COUNTED_USES && pendingForMs(row) > maxPendingMs(policy);
}

function pendingForMs(row: SessionRow): number {
  return row.pendingSince === null ? 0 : row.now - row.pendingSince;
}

function maxPendingMs(policy: Policy): number {
  return policy.rotation_pending_max_secs * 1000;
}

/** Whether this client used the successor first, judged by address and user agent, if both were passed both times. */
function isConfirmer(row: SessionRow, presenter: Presenter): boolean {
  return (
    presenter.ipAddress !== undefined &&
    presenter.userAgent !== undefined &&
    presenter.ipAddress === row.confirmedIp &&
    presenter.userAgent === row.confirmedUserAgent
  );
}
