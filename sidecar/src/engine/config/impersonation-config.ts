import { canonicalDomain, canonicalEmail } from "../impersonation/employee-email.ts";
import type { ImpersonationRules } from "../impersonation/rules.ts";
import { flag, knownKeys, listOf, secs, text } from "./fields.ts";
import { readJsonc } from "./jsonc.ts";

export const IMPERSONATION_CONFIG_FILE = "user_impersonation.jsonc";

const MAX_ENTRIES = 10_000;
const emails = listOf(
  canonical(canonicalEmail, "expected a plain email address in ASCII, as joe@example.com"),
  MAX_ENTRIES,
  "expected a list of email addresses",
);
const domains = listOf(
  canonical(canonicalDomain, 'expected a domain in ASCII as "example.com", which does not include its subdomains'),
  MAX_ENTRIES,
  "expected a list of domains",
);

const impersonationConfig = knownKeys({
  enabled: flag.default(false),
  impersonation_duration_secs: secs(1, 7 * 86_400).default(3600),
  disallow_ip_address_changes: flag.default(true),
  visible_to_user: flag.default(true),
  who_can_impersonate: knownKeys({
    allowed_employee_emails: emails.optional(),
    allowed_employee_domains: domains.optional(),
    allow_all_because_i_will_gate_access_myself: flag.default(false),
  }).default({ allow_all_because_i_will_gate_access_myself: false }),
});

function canonical(canonicalOf: (text: string) => string | undefined, expected: string) {
  return text(expected, (value) => canonicalOf(value) !== undefined).transform((value) => canonicalOf(value) ?? value);
}

/** Reads `user_impersonation.jsonc`. Throws a `ConfigError`; what probably has another effect than meant is a warning. */
export function readImpersonationConfig(jsonc: string): { config: ImpersonationRules; warnings: string[] } {
  const { value, at } = readJsonc(IMPERSONATION_CONFIG_FILE, jsonc, impersonationConfig);
  return { config: value, warnings: warningsOf(value, at("who_can_impersonate")) };
}

function warningsOf({ enabled, who_can_impersonate: who }: ImpersonationRules, place: string): string[] {
  const { allowed_employee_emails: emails, allowed_employee_domains: domains } = who;
  const isLimited = emails !== undefined || domains !== undefined;
  const isForAll = who.allow_all_because_i_will_gate_access_myself;
  if (isLimited && isForAll) return [`${place}: the lists apply, although everyone is allowed`];
  return enabled && !isLimited && !isForAll ? [`${place}: impersonation is on, but nobody is allowed to`] : [];
}
