import type { CidrSet } from "./ip-address.ts";

/** What to do with a login that would exceed a limit. `drop_newest` ends the newest session that exists already. */
export const LIMIT_MODES = ["reject_new", "drop_newest", "drop_oldest", "drop_least_recently_active"] as const;
export type LimitMode = (typeof LIMIT_MODES)[number];

export const USER_AGENT_CHECKS = ["enforce", "flag", "off"] as const;
export const SHARED_SESSION_MODES = ["end", "flag", "off"] as const;
/** How far a device challenge is tied to the address that it was made for: `prefix` means its /24 or /48. */
export const CHALLENGE_IP_BINDINGS = ["exact", "prefix", "off"] as const;
export type ChallengeIpBinding = (typeof CHALLENGE_IP_BINDINGS)[number];
/** `dpop` asks for a key that signs each request (RFC 9449); it is the only kind yet, so `any` means the same today. */
export const DEVICE_REQUIREMENTS = ["dpop", "any", "none"] as const;

/** The settings that tags can change, by the names they have in `session_config.jsonc`. */
export interface SessionSettings {
  absolute_lifetime_secs: number;
  inactivity_timeout_secs: number;
  ip_allowlist: CidrSet;
  ip_blocklist: CidrSet;
  disallow_ip_address_changes: boolean;
  max_concurrent_sessions_per_user: number;
  on_session_limit_exceeded: LimitMode;
  user_agent_check: (typeof USER_AGENT_CHECKS)[number];
  on_shared_session: (typeof SHARED_SESSION_MODES)[number];
  rotation_interval_secs: number;
  rotation_grace_secs: number;
  rotation_pending_max_secs: number;
  require_device: (typeof DEVICE_REQUIREMENTS)[number];
  device_registration_window_secs: number;
  device_cookie_secs: number;
}
export type SettingName = keyof SessionSettings;

type OffByDefault = "inactivity_timeout_secs" | "ip_allowlist" | "ip_blocklist" | "user_agent_check";

/** What holds where the file says nothing. */
export const BUILT_IN: Omit<SessionSettings, OffByDefault> = {
  absolute_lifetime_secs: 1_209_600,
  disallow_ip_address_changes: false,
  max_concurrent_sessions_per_user: 8,
  on_session_limit_exceeded: "drop_oldest",
  on_shared_session: "flag",
  rotation_interval_secs: 3600,
  rotation_grace_secs: 60,
  rotation_pending_max_secs: 86_400,
  require_device: "none",
  device_registration_window_secs: 300,
  device_cookie_secs: 600,
};

/** The stricter of two values of each setting: it wins between tags of the same priority. */
export const STRICTER: {
  readonly [K in SettingName]: (a: SessionSettings[K], b: SessionSettings[K]) => SessionSettings[K];
} = {
  absolute_lifetime_secs: Math.min,
  inactivity_timeout_secs: Math.min,
  ip_allowlist: (a, b) => a.intersect(b),
  ip_blocklist: (a, b) => a.unite(b),
  disallow_ip_address_changes: (a, b) => a || b,
  max_concurrent_sessions_per_user: Math.min,
  on_session_limit_exceeded: earlierIn(LIMIT_MODES),
  user_agent_check: earlierIn(USER_AGENT_CHECKS),
  on_shared_session: earlierIn(SHARED_SESSION_MODES),
  // 0 is never: the loosest of all.
  rotation_interval_secs: (a, b) => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b)),
  rotation_grace_secs: Math.min,
  rotation_pending_max_secs: Math.min,
  require_device: earlierIn(DEVICE_REQUIREMENTS),
  device_registration_window_secs: Math.min,
  device_cookie_secs: Math.min,
};

/** The lists of words above begin with the strictest. */
function earlierIn<T>(strictestFirst: readonly T[]): (a: T, b: T) => T {
  return (a, b) => (strictestFirst.indexOf(a) <= strictestFirst.indexOf(b) ? a : b);
}

export const SETTING_NAMES = Object.keys(STRICTER) as readonly SettingName[];
