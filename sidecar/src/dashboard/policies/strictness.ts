import { CidrSet } from "../../policy/ip-address.ts";
import type { ExplainedSetting } from "../../policy/policy.ts";
import {
  CHALLENGE_IP_BINDINGS,
  DEVICE_REQUIREMENTS,
  LIMIT_MODES,
  SHARED_SESSION_MODES,
} from "../../policy/settings.ts";

/** Networks as text, or as the set that they make. */
type Value = ExplainedSetting["value"] | CidrSet;

/** Whether a setting lets more through than before. Where that cannot be told, it does. */
export function isLooser(setting: string, before: Value, after: Value): boolean {
  if (before === after) return false;
  const isSet = before instanceof CidrSet || after instanceof CidrSet;
  if (!isSet && JSON.stringify(before) === JSON.stringify(after)) return false;
  const rule = RULES[setting];
  return rule === undefined || rule(before, after);
}

type Rule = (before: Value, after: Value) => boolean;

/** A bound: none is the loosest. */
const smallerIsStricter: Rule = (before, after) => bound(after) > bound(before);

function bound(value: Value): number {
  return typeof value === "number" ? value : Number.POSITIVE_INFINITY;
}

function wordOrder(strictestFirst: readonly (string | null)[]): Rule {
  const rank = (value: Value) => strictestFirst.indexOf(typeof value === "string" ? value : null);
  return (before, after) => rank(after) > rank(before);
}

/** 0 is never. */
const rotation: Rule = (before, after) => (after === 0 ? before !== 0 : before !== 0 && bound(after) > bound(before));

const allowlist: Rule = (before, after) => {
  const [old, now] = [setOf(before), setOf(after)];
  return old !== undefined && !now?.isWithin(old);
};

const blocklist: Rule = (before, after) => {
  const [old, now] = [setOf(before), setOf(after)];
  return old !== undefined && !(now && old.isWithin(now));
};

function setOf(value: Value): CidrSet | undefined {
  return Array.isArray(value) ? CidrSet.of(value) : value instanceof CidrSet ? value : undefined;
}

const tagLimit: Rule = (before, after) => {
  if (!isLimit(before)) return false;
  return (
    !isLimit(after) || after.max > before.max || LIMIT_MODES.indexOf(after.mode) > LIMIT_MODES.indexOf(before.mode)
  );
};

function isLimit(value: Value): value is Extract<Value, { max: number }> {
  return typeof value === "object" && value !== null && "max" in value;
}

const RULES: Readonly<Record<string, Rule>> = {
  absolute_lifetime_secs: smallerIsStricter,
  inactivity_timeout_secs: smallerIsStricter,
  ip_allowlist: allowlist,
  ip_blocklist: blocklist,
  disallow_ip_address_changes: (before) => before === true,
  max_concurrent_sessions_per_user: smallerIsStricter,
  max_concurrent_sessions_per_user_per_tag: tagLimit,
  on_session_limit_exceeded: wordOrder(LIMIT_MODES),
  // Unset, it is enforced without a device and flagged with one.
  user_agent_check: wordOrder(["enforce", null, "flag", "off"]),
  on_shared_session: wordOrder(SHARED_SESSION_MODES),
  rotation_interval_secs: rotation,
  rotation_grace_secs: smallerIsStricter,
  rotation_pending_max_secs: smallerIsStricter,
  require_device: wordOrder(DEVICE_REQUIREMENTS),
  device_registration_window_secs: smallerIsStricter,
  device_cookie_secs: smallerIsStricter,
  device_challenge_lifetime_secs: smallerIsStricter,
  challenge_ip_binding: wordOrder(CHALLENGE_IP_BINDINGS),
  // What happened must not vanish sooner than was promised: here longer is stricter.
  ended_session_retention_secs: (before, after) => bound(after) < bound(before),
  audit_retention_secs: (before, after) => bound(after) < bound(before),
};
