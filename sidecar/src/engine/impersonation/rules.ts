import { onceForEach } from "../once-for-each.ts";

/** The content of `user_impersonation.jsonc`. Addresses and domains are in lower case. */
export interface ImpersonationRules {
  readonly enabled: boolean;
  readonly impersonation_duration_secs: number;
  readonly disallow_ip_address_changes: boolean;
  /** Whether users may learn that someone acted as them, and when. */
  readonly visible_to_user: boolean;
  readonly who_can_impersonate: WhoCanImpersonate;
}

interface WhoCanImpersonate {
  readonly allowed_employee_emails?: readonly string[] | undefined;
  readonly allowed_employee_domains?: readonly string[] | undefined;
  readonly allow_all_because_i_will_gate_access_myself: boolean;
}

/** Whether an employee may impersonate: every rule that is set must be met, and without any rule nobody may. */
export function mayImpersonate({ who_can_impersonate: who }: ImpersonationRules, email: string): boolean {
  const { emails, domains } = setsOf(who);
  if (emails === undefined && domains === undefined) return who.allow_all_because_i_will_gate_access_myself;
  const domain = email.slice(email.lastIndexOf("@") + 1);
  return (emails?.has(email) ?? true) && (domains?.has(domain) ?? true);
}

const setsOf = onceForEach(
  ({ allowed_employee_emails: emails, allowed_employee_domains: domains }: WhoCanImpersonate) => ({
    emails: emails && new Set(emails),
    domains: domains && new Set(domains),
  }),
);
