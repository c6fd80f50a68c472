import type { z } from "zod";
import { flag, knownKeys, listOf, secs, text } from "./fields.ts";
import { readJsonc } from "./jsonc.ts";

export const IMPERSONATION_CONFIG_FILE = "user_impersonation.jsonc";

const MAX_ENTRIES = 10_000;
const emails = listOf(
  text("expected an email address", (email) => /^[^\s@]+@[^\s@]+$/.test(email)),
  MAX_ENTRIES,
  "expected a list of email addresses",
);
const domains = listOf(
  text('expected a domain as "example.com"', (domain) => /^[^\s@/]+$/.test(domain)),
  MAX_ENTRIES,
  "expected a list of domains",
);

const impersonationConfig = knownKeys({
  enabled: flag.default(false),
  impersonation_duration_secs: secs(1, 7 * 86_400).default(3600),
  disallow_ip_address_changes: flag.default(true),
  /** All rules must be met; without rules nobody can impersonate. */
  who_can_impersonate: knownKeys({
    allowed_employee_emails: emails.optional(),
    allowed_employee_domains: domains.optional(),
    allow_all_because_i_will_gate_access_myself: flag.default(false),
  }).default({ allow_all_because_i_will_gate_access_myself: false }),
});

/** The content of `user_impersonation.jsonc`, with built-in values for missing keys. */
export type ImpersonationConfig = z.output<typeof impersonationConfig>;

/** Reads `user_impersonation.jsonc`. Throws a `ConfigError`. */
export function readImpersonationConfig(jsonc: string): { config: ImpersonationConfig; warnings: string[] } {
  return { config: readJsonc(IMPERSONATION_CONFIG_FILE, jsonc, impersonationConfig).value, warnings: [] };
}
