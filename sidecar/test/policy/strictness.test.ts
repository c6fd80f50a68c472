import { expect, it } from "vitest";
import { DOCUMENT_SETTINGS, SETTINGS, TAG_SETTINGS } from "../../src/engine/policy/settings.ts";
import { type Compared, isLooser, stricter } from "../../src/engine/policy/strictness.ts";
import { rowOf } from "../../src/engine/policy/values.ts";

const LOOSENED: [setting: string, before: Compared, after: Compared][] = [
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
  ["max_hold_secs", 0, 10],
  ["require_device", "any", "none"],
  ["device_registration_window_secs", 60, null],
  ["device_cookie_secs", 60, 600],
  ["require_device", "dpop", "any"],
  ["device_challenge_lifetime_secs", 600, 601],
  ["challenge_ip_binding", "exact", "prefix"],
  ["ended_session_retention_secs", 600, 599],
  ["audit_retention_secs", 600, 0],
  ["max_remembered_devices_per_user", 3, 4],
  ["on_create_only_tags", ["org", "type"], ["org"]],
  ["on_create_only_tags", ["*"], ["org"]],
];

it.each(LOOSENED)("%s: from %j to %j lets more through, and the way back does not", (setting, before, after) => {
  expect(isLooser(setting, before, after)).toBe(true);
  expect(isLooser(setting, after, before)).toBe(false);
  expect(isLooser(setting, before, before)).toBe(false);
});

it.each(LOOSENED)("%s: between %j and %j, of two tags of one priority, the first holds", (name, before, after) => {
  const setting = rowOf(name);
  const isValue = (value: Compared): value is string | number | boolean => typeof value !== "object";
  if (!setting || !isValue(before) || !isValue(after)) return;
  expect(stricter(setting, before, after)).toBe(before);
  expect(stricter(setting, after, before)).toBe(before);
});

it("knows every setting; one that it does not know counts as looser", () => {
  expect(isLooser("a new one", 1, 2)).toBe(true);
  const all = { ...SETTINGS, ...TAG_SETTINGS, ...DOCUMENT_SETTINGS };
  const judged = Object.keys(all).filter((name) => name !== "tag_priority");
  expect(new Set(LOOSENED.map(([setting]) => setting))).toEqual(new Set(judged));
  for (const setting of judged) expect([setting, isLooser(setting, null, null)]).toEqual([setting, false]);
});

it("judges the order of types of tags by what it does to other settings", () => {
  expect(isLooser("tag_priority", ["org"], [])).toBe(false);
});
