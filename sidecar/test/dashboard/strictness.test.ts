import { expect, it } from "vitest";
import { isLooser } from "../../src/policy/strictness.ts";
import { SETTING_NAMES } from "../../src/policy/values.ts";

type Value = Parameters<typeof isLooser>[1];

it.each<[string, Value, Value]>([
  ["absolute_lifetime_secs", 60, 61],
  ["inactivity_timeout_secs", 60, null],
  ["ip_allowlist", ["10.0.0.0/8"], ["10.0.0.0/8", "192.0.2.1"]],
  ["ip_allowlist", ["10.0.0.0/9"], ["10.0.0.0/8"]],
  ["ip_allowlist", ["10.0.0.0/9"], null],
  ["ip_blocklist", ["10.0.0.0/8", "192.0.2.1"], ["10.0.0.0/8"]],
  ["ip_blocklist", ["10.0.0.0/8"], null],
  ["disallow_ip_address_changes", true, false],
  ["max_concurrent_sessions_per_user", 3, 4],
  ["max_concurrent_sessions_per_user_per_tag", { max: 1, mode: "reject_new" }, null],
  ["max_concurrent_sessions_per_user_per_tag", { max: 1, mode: "reject_new" }, { max: 1, mode: "drop_oldest" }],
  ["on_session_limit_exceeded", "reject_new", "drop_oldest"],
  ["user_agent_check", "enforce", null],
  ["user_agent_check", null, "flag"],
  ["on_shared_session", "end", "flag"],
  ["rotation_interval_secs", 3600, 7200],
  ["rotation_interval_secs", 3600, 0],
  ["rotation_grace_secs", 60, 90],
  ["rotation_pending_max_secs", 60, 90],
  ["require_device", "any", "none"],
  ["device_registration_window_secs", 60, null],
  ["device_cookie_secs", 60, 600],
  ["require_device", "dpop", "any"],
  ["device_challenge_lifetime_secs", 600, 601],
  ["challenge_ip_binding", "exact", "prefix"],
  ["ended_session_retention_secs", 600, 599],
  ["audit_retention_secs", 600, 0],
])("%s: from %j to %j lets more through, and the way back does not", (setting, before, after) => {
  expect(isLooser(setting, before, after)).toBe(true);
  expect(isLooser(setting, after, before)).toBe(false);
  expect(isLooser(setting, before, before)).toBe(false);
});

it("knows every setting; one that is new counts as looser until it has a rule", () => {
  expect(isLooser("a new one", 1, 2)).toBe(true);
  for (const setting of SETTING_NAMES) expect([setting, isLooser(setting, null, null)]).toEqual([setting, false]);
});
