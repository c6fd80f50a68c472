import { describe, expect, it } from "vitest";
import { readImpersonationConfig } from "../../src/engine/config/impersonation-config.ts";
import { mayImpersonate } from "../../src/engine/impersonation/rules.ts";

const EMAILS = { allowed_employee_emails: ["Joe@Example.com", "ann@other.test"] };
const DOMAINS = { allowed_employee_domains: ["EXAMPLE.com"] };
const ALL = { allow_all_because_i_will_gate_access_myself: true };

function allowed(who: object | undefined, ...emails: string[]): string[] {
  const { config } = readImpersonationConfig(JSON.stringify({ enabled: true, who_can_impersonate: who }));
  return emails.filter((email) => mayImpersonate(config, email));
}

const PEOPLE = ["joe@example.com", "bob@example.com", "ann@other.test", "eve@evil.test"];

describe("mayImpersonate", () => {
  it.each([
    ["no rule", undefined, []],
    ["an empty object", {}, []],
    ["everyone turned off", { allow_all_because_i_will_gate_access_myself: false }, []],
    ["everyone", ALL, PEOPLE],
    ["addresses", EMAILS, ["joe@example.com", "ann@other.test"]],
    ["an empty list of addresses", { allowed_employee_emails: [] }, []],
    ["domains", DOMAINS, ["joe@example.com", "bob@example.com"]],
    ["an empty list of domains", { allowed_employee_domains: [] }, []],
    ["addresses and domains: both must fit", { ...EMAILS, ...DOMAINS }, ["joe@example.com"]],
    ["addresses and everyone", { ...EMAILS, ...ALL }, ["joe@example.com", "ann@other.test"]],
    ["domains and everyone", { ...DOMAINS, ...ALL }, ["joe@example.com", "bob@example.com"]],
    ["an empty list and everyone", { allowed_employee_emails: [], ...ALL }, []],
  ])("with %s", (_, who, expected) => expect(allowed(who, ...PEOPLE)).toEqual(expected));

  it("takes a domain as a whole", () => {
    const near = ["evil-example.com", "example.com.evil.test", "mail.example.com", "example.co", "xexample.com", "com"];
    expect(allowed(DOMAINS, ...near.map((domain) => `joe@${domain}`))).toEqual([]);
  });
});
