import type { Policy } from "../../policy/policy.ts";
import type { SessionRow } from "../session.ts";
import type { Position } from "../token/position.ts";

/** What a validation changes in the chain, and which token its answer carries. */
export interface RotationStep {
  /** `start`: a successor becomes pending. `count`: its predecessor is still in use. `confirm`: the successor was used. */
  change: "none" | "start" | "count" | "confirm";
  answer: "none" | "successor" | "current";
}

const NO_STEP: RotationStep = { change: "none", answer: "none" };
const COUNTED_USES = 3;

/** Who presents the token, as far as it bears on which token may be handed out. */
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
  if (!presenter.refresh) return NO_STEP;
  if (position === "current") return row.nextHash ? pendingStep(row, policy) : dueStep(row, policy);
  // An old token is exchanged for the current one only for whom it surely belongs to. Handing it to any holder of the
  // old one would make a busy thief undetectable.
  const exchanges = presenter.proved || (position === "previous" && isConfirmer(row, presenter));
  return exchanges ? { change: "none", answer: "current" } : NO_STEP;
}

/** The successor is answered to everyone, every time, until somebody uses it: a lost answer costs nothing. */
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
 * Whether the client keeps presenting a token whose successor it has been given again and again: it ignores cookies, and
 * its token would never change. Uses are counted a third of the allowed time apart, so that a browser whose answers were
 * lost before it went to sleep does not look like one.
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

/** The client that used the successor first, by an address and a user agent that were passed both times. */
function isConfirmer(row: SessionRow, presenter: Presenter): boolean {
  return (
    presenter.ipAddress !== undefined &&
    presenter.userAgent !== undefined &&
    presenter.ipAddress === row.confirmedIp &&
    presenter.userAgent === row.confirmedUserAgent
  );
}
