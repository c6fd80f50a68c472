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
    help: "From the log-in to the end, however much the session is used. A shorter one also holds for sessions that exist.",
  },
  inactivity_timeout_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    unset: "No end by inactivity",
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
    name: "When there are too many",
    help: "What a log-in does that would exceed the limit. drop_newest ends the newest session that exists already.",
  },
  ip_allowlist: {
    type: "networks",
    unset: "All",
    stricter: "less",
    name: "Allowed addresses",
    help: "Requests from any other address are refused. That ends no session.",
  },
  ip_blocklist: {
    type: "networks",
    unset: "None",
    stricter: "more",
    name: "Blocked addresses",
    help: "Requests from these addresses are refused, even where they are allowed. That ends no session.",
  },
  disallow_ip_address_changes: {
    type: "flag",
    builtIn: false,
    stricter: true,
    name: "End on a change of address",
    help: "Another IP address than at the log-in ends the session.",
  },
  user_agent_check: {
    type: "choice",
    strictestFirst: ["enforce", "flag", "off"],
    unset: "enforce, but flag where a device is bound",
    unsetBefore: "flag",
    name: "Another browser or system",
    help: "What another browser, operating system or kind of device does to the session. enforce: ends it. flag: is only recorded.",
  },
  on_shared_session: {
    type: "choice",
    strictestFirst: ["end", "flag", "off"],
    builtIn: "flag",
    name: "Use by two parties in turn",
    help: "What happens to a session that two browsers or networks use in turn. flag: it is only recorded.",
  },
  require_device: {
    type: "choice",
    strictestFirst: ["dpop", "any", "none"],
    builtIn: "none",
    name: "Device proof",
    // RFC 9449. It is the only kind yet, so `any` means the same today.
    help: "any: no log-in and no use without a device key. dpop: the same today; it names the kind of key that signs each request.",
  },
  device_registration_window_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    builtIn: 300,
    stricter: "less",
    name: "Time to register a device",
    help: "How long after a log-in, or a re-authentication, a device key can still be bound.",
  },
  max_remembered_devices_per_user: {
    type: "count",
    min: 1,
    max: 50,
    builtIn: 50,
    stricter: "less",
    name: "Remembered devices per user",
    help: "How many devices of one user are remembered. A log-in that remembers one more forgets the one not seen for longest.",
  },
  device_cookie_secs: {
    type: "secs",
    min: 1,
    max: HOUR_SECS,
    builtIn: 600,
    stricter: "less",
    name: "Device cookie is good for",
    help: "How long after a proof the routes that ask for a recent one still open.",
  },
  rotation_interval_secs: {
    type: "secs",
    min: 0,
    max: TEN_YEARS_SECS,
    zero: "Never",
    builtIn: HOUR_SECS,
    stricter: "less",
    name: "Token replaced every",
    help: "How often a session gets a new token. An old copy of a token is worthless soon after. 0: never.",
  },
  rotation_grace_secs: {
    type: "secs",
    min: 1,
    max: DAY_SECS,
    builtIn: 60,
    stricter: "less",
    name: "Old token works for",
    help: "How long the token before works once the new one is used: for requests that are under way.",
  },
  rotation_pending_max_secs: {
    type: "secs",
    min: 1,
    max: TEN_YEARS_SECS,
    builtIn: DAY_SECS,
    stricter: "less",
    name: "A new token may be ignored for",
    help: "How long a client may use the old token while a new one waits for it. After that it is refused.",
  },
  max_hold_secs: {
    type: "secs",
    min: 0,
    max: 60,
    builtIn: 10,
    stricter: "less",
    name: "An answer is held for",
    help: "How long an application serves an answer again without asking, at most. A session that ends is forgotten at once all the same. 0: it always asks.",
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
    name: "Order of the types of tags",
    help: "Where two tags of a session set the same, the tag whose type comes first here wins, a listed type before any other.",
  },
  on_create_only_tags: {
    type: "tag types",
    builtIn: [],
    stricter: "more",
    name: "Types of tags that are fixed at log-in",
    help: 'Tags of these types cannot be added or removed once the session exists. ["*"]: all types.',
  },
  device_challenge_lifetime_secs: {
    type: "secs",
    min: 1,
    max: HOUR_SECS,
    builtIn: 600,
    stricter: "less",
    name: "Life of a device challenge",
    help: "How long a device challenge can be signed.",
  },
  challenge_ip_binding: {
    type: "choice",
    strictestFirst: ["exact", "prefix", "off"],
    builtIn: "exact",
    name: "A challenge is for one address",
    help: "What of the address must stay the same between a challenge and its proof. prefix: its /24 or /48.",
  },
  ended_session_retention_secs: {
    type: "secs",
    min: 0,
    max: TEN_YEARS_SECS,
    builtIn: 30 * DAY_SECS,
    // What happened must not vanish sooner than was promised.
    stricter: "more",
    name: "Ended sessions are kept for",
    help: "How long ended sessions can be found in the dashboard.",
  },
  audit_retention_secs: {
    type: "secs",
    min: 0,
    max: TEN_YEARS_SECS,
    builtIn: 365 * DAY_SECS,
    stricter: "more",
    name: "Events are kept for",
    help: "How long the audit trail is kept: timelines and the dashboard log. What is removed cannot be brought back.",
  },
} as const satisfies Settings;
