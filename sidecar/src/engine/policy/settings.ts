import type { Settings } from "./setting.ts";

/**
 * Every setting of `session_config.jsonc`, one row each. The schema of the file, the type of a policy, merging by tags,
 * what counts as looser, the dashboard's form and the tables of docs/configuration.md follow from these rows.
 */

const TEN_YEARS_SECS = 315_360_000;
const DAY_SECS = 86_400;
const HOUR_SECS = 3600;

/** What the defaults and each tag can set, in the order that people see. */
export const SETTINGS = {
  absolute_lifetime_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    builtIn: 14 * DAY_SECS,
    stricter: "less",
    name: "Lifetime",
    help: "How long a session lives after the login, even if it is in use. A shorter lifetime also applies to existing sessions.",
  },
  inactivity_timeout_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    unset: "No timeout",
    stricter: "less",
    name: "Inactivity timeout",
    help: "A session that is not used for this long ends.",
  },
  max_concurrent_sessions_per_user: {
    type: "count",
    min: 1,
    max: 20,
    builtIn: 8,
    stricter: "less",
    name: "Sessions per user",
    help: "How many sessions one user can have at once.",
  },
  on_session_limit_exceeded: {
    type: "choice",
    strictestFirst: ["reject_new", "drop_newest", "drop_oldest", "drop_least_recently_active"],
    builtIn: "drop_oldest",
    name: "Beyond the session limit",
    help: "What happens at a login that would exceed the limit. drop_newest ends the newest existing session.",
  },
  ip_allowlist: {
    type: "networks",
    unset: "All",
    stricter: "less",
    name: "Allowed addresses",
    help: "Requests from any other address are refused. The session does not end.",
  },
  ip_blocklist: {
    type: "networks",
    unset: "None",
    stricter: "more",
    name: "Blocked addresses",
    help: "Requests from these addresses are refused, even if they are also allowed. The session does not end.",
  },
  disallow_ip_address_changes: {
    type: "flag",
    builtIn: false,
    stricter: true,
    name: "End when the address changes",
    help: "A session ends when it is used from another IP address than at the login.",
  },
  user_agent_check: {
    type: "choice",
    strictestFirst: ["enforce", "flag", "off"],
    unset: "enforce, or flag if a device is bound",
    unsetBefore: "flag",
    name: "Another browser or system",
    help: "What happens when another browser, operating system or kind of device uses the session. enforce: it ends. flag: it is only recorded.",
  },
  on_shared_session: {
    type: "choice",
    strictestFirst: ["end", "flag", "off"],
    builtIn: "flag",
    name: "Shared session",
    help: "What happens when two browsers or networks take turns using the session. end: it ends. flag: it is only recorded.",
  },
  require_device: {
    type: "choice",
    strictestFirst: ["dpop", "any", "none"],
    builtIn: "none",
    name: "Device proof",
    // RFC 9449. It is the only kind yet, so `any` means the same today.
    help: "any: logins and sessions need a device key. dpop: the same today; it names the kind of key that signs each request.",
  },
  device_registration_window_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    builtIn: 300,
    stricter: "less",
    name: "Time to register a device",
    help: "How long after a login or a re-authentication a device key can be bound.",
  },
  max_remembered_devices_per_user: {
    type: "count",
    min: 1,
    max: 50,
    builtIn: 50,
    stricter: "less",
    name: "Remembered devices per user",
    help: "How many devices are remembered for one user. Beyond that, the device not seen for longest is forgotten.",
  },
  device_cookie_secs: {
    type: "secs",
    min: 1,
    max: HOUR_SECS,
    builtIn: 600,
    stricter: "less",
    name: "Device cookie lifetime",
    help: "How long a proof counts as recent, for routes that ask for a recent one.",
  },
  rotation_interval_secs: {
    type: "secs",
    min: 0,
    max: TEN_YEARS_SECS,
    zero: "Never",
    builtIn: HOUR_SECS,
    stricter: "less",
    name: "Token rotation interval",
    help: "How often a session gets a new token. Old copies of the token stop working soon after. 0: never.",
  },
  rotation_grace_secs: {
    type: "secs",
    min: 1,
    max: DAY_SECS,
    builtIn: 60,
    stricter: "less",
    name: "Old token works for",
    help: "How long the old token works once the new one is in use, for requests that are under way.",
  },
  rotation_pending_max_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    builtIn: DAY_SECS,
    stricter: "less",
    name: "New token can be ignored for",
    help: "How long a client can keep using the old token after a new one was issued. After that it is refused.",
  },
  max_hold_secs: {
    type: "secs",
    min: 0,
    max: 60,
    builtIn: 10,
    stricter: "less",
    name: "An answer is held for",
    help: "How long an application serves an answer again without asking, at most. A session that ends is still refused within a second. 0: it always asks.",
  },
} as const satisfies Settings;

/** What only a tag can set. */
export const TAG_SETTINGS = {
  max_concurrent_sessions_per_user_per_tag: {
    type: "count",
    min: 1,
    max: 20,
    unset: "None",
    stricter: "less",
    name: "Sessions per user with this tag",
    help: "How many sessions with this tag one user can have at once.",
  },
} as const satisfies Settings;

/** What holds for all sessions, whatever their tags. */
export const DOCUMENT_SETTINGS = {
  tag_priority: {
    type: "tag types",
    builtIn: [],
    stricter: "neither",
    name: "Order of tag types",
    help: "If two tags of a session set the same setting, the tag whose type comes first in this list wins. Listed types win over all others.",
  },
  on_create_only_tags: {
    type: "tag types",
    builtIn: [],
    stricter: "more",
    name: "Tag types fixed at login",
    help: 'Tags of these types can be set only at the login. ["*"]: all types.',
  },
  device_challenge_lifetime_secs: {
    type: "secs",
    min: 1,
    max: HOUR_SECS,
    builtIn: 600,
    stricter: "less",
    name: "Device challenge lifetime",
    help: "How long a device challenge can be signed.",
  },
  challenge_ip_binding: {
    type: "choice",
    strictestFirst: ["exact", "prefix", "off"],
    builtIn: "exact",
    name: "Challenge tied to address",
    help: "How much of the address must stay the same between a challenge and its proof. prefix: its /24 or /48.",
  },
  ended_session_retention_secs: {
    type: "secs",
    min: 0,
    max: TEN_YEARS_SECS,
    builtIn: 30 * DAY_SECS,
    // Events must not be deleted sooner than was promised.
    stricter: "more",
    name: "Ended sessions are kept for",
    help: "How long ended sessions stay in the dashboard.",
  },
  audit_retention_secs: {
    type: "secs",
    min: 0,
    max: TEN_YEARS_SECS,
    builtIn: 365 * DAY_SECS,
    stricter: "more",
    name: "Events are kept for",
    help: "How long the audit trail is kept: timelines and the dashboard log. Deleted events cannot be restored.",
  },
} as const satisfies Settings;
