/** How a setting is filled in. */
export type SettingKind =
  | { type: "secs"; zero?: string }
  | { type: "number"; min: number; max: number }
  | { type: "flag" }
  | { type: "choice"; words: readonly string[] }
  | { type: "networks" };

export interface SettingInfo {
  key: string;
  name: string;
  help: string;
  kind: SettingKind;
  /** What holds where nobody has set it. Default: a value, or nothing. */
  unset?: string;
}

/** The settings that the defaults and each tag can have, in the order of the form. */
export const SETTINGS: readonly SettingInfo[] = [
  {
    key: "absolute_lifetime_secs",
    name: "Lifetime",
    help: "From the log-in to the end, whatever the use. A shorter one holds for living sessions too.",
    kind: { type: "secs" },
  },
  {
    key: "inactivity_timeout_secs",
    name: "Inactivity timeout",
    help: "A session that is not used for so long ends.",
    kind: { type: "secs" },
    unset: "No end by inactivity",
  },
  {
    key: "max_concurrent_sessions_per_user",
    name: "Sessions per user",
    help: "How many sessions one user can have at once.",
    kind: { type: "number", min: 1, max: 20 },
  },
  {
    key: "on_session_limit_exceeded",
    name: "When there are too many",
    help: "What a log-in does that would exceed the limit.",
    kind: { type: "choice", words: ["reject_new", "drop_newest", "drop_oldest", "drop_least_recently_active"] },
  },
  {
    key: "ip_allowlist",
    name: "Allowed addresses",
    help: "Addresses and CIDRs; from anywhere else requests are refused, and the session lives.",
    kind: { type: "networks" },
    unset: "All",
  },
  {
    key: "ip_blocklist",
    name: "Blocked addresses",
    help: "Addresses and CIDRs that are refused, also where they are allowed.",
    kind: { type: "networks" },
    unset: "None",
  },
  {
    key: "disallow_ip_address_changes",
    name: "End on a change of address",
    help: "Another IP address than at the log-in ends the session.",
    kind: { type: "flag" },
  },
  {
    key: "user_agent_check",
    name: "Another browser or system",
    help: "enforce: it ends the session. flag: it is only recorded.",
    kind: { type: "choice", words: ["enforce", "flag", "off"] },
    unset: "enforce, but flag where a device is bound",
  },
  {
    key: "on_shared_session",
    name: "Use by two parties in turn",
    help: "What happens to a session that two browsers or networks use alternately.",
    kind: { type: "choice", words: ["end", "flag", "off"] },
  },
  {
    key: "require_device",
    name: "Device proof",
    help: "any or dpop: without a device key there is no log-in and no use.",
    kind: { type: "choice", words: ["dpop", "any", "none"] },
  },
  {
    key: "device_registration_window_secs",
    name: "Time to register a device",
    help: "How long after the log-in a device key can still be bound.",
    kind: { type: "secs" },
  },
  {
    key: "device_cookie_secs",
    name: "Device cookie is good for",
    help: "How long after a proof pages that ask for a recent one still open.",
    kind: { type: "secs" },
  },
  {
    key: "rotation_interval_secs",
    name: "Token replaced every",
    help: "An old copy of a token is worthless soon after. 0 turns it off.",
    kind: { type: "secs", zero: "Never" },
  },
  {
    key: "rotation_grace_secs",
    name: "Old token works for",
    help: "Time for requests that are under way while the token is replaced.",
    kind: { type: "secs" },
  },
  {
    key: "rotation_pending_max_secs",
    name: "A new token may be ignored for",
    help: "A client that keeps using the old token for longer is refused.",
    kind: { type: "secs" },
  },
];

/** Only a tag has it. */
export const TAG_ONLY_SETTINGS: readonly SettingInfo[] = [
  {
    key: "max_concurrent_sessions_per_user_per_tag",
    name: "Sessions per user with this tag",
    help: "How many sessions with this tag one user can have at once.",
    kind: { type: "number", min: 1, max: 20 },
    unset: "None",
  },
];

const WHOLE_DOCUMENT: Record<string, string> = {
  tag_priority: "Order of the types of tags",
  on_create_only_tags: "Types of tags that are fixed at log-in",
  device_challenge_lifetime_secs: "Life of a device challenge",
  challenge_ip_binding: "A challenge is for one address",
  ended_session_retention_secs: "Ended sessions are kept for",
  audit_retention_secs: "Events are kept for",
};

const BY_KEY = new Map([...SETTINGS, ...TAG_ONLY_SETTINGS].map((info) => [info.key, info]));

export function infoOfSetting(key: string): SettingInfo | undefined {
  return BY_KEY.get(key);
}

/** In words where there are any; what a newer sidecar knows and this page does not keeps its own name. */
export function nameOfSetting(key: string): string {
  return BY_KEY.get(key)?.name ?? WHOLE_DOCUMENT[key] ?? key;
}
