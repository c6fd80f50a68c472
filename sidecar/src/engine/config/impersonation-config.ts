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

/** Reads `user_impersonation.jsonc`. Throws a `ConfigError`. */
export function readImpersonationConfig(jsonc: string): { config: ImpersonationRules; warnings: string[] } {
  return { config: readJsonc(IMPERSONATION_CONFIG_FILE, jsonc, impersonationConfig).value, warnings: [] };
}
