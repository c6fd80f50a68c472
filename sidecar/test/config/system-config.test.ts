import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readImpersonationConfig } from "../../src/engine/config/impersonation-config.ts";
import { readSystemConfig } from "../../src/engine/config/system-config.ts";

const example = () => readFile(new URL("../../config.example/system_config.jsonc", import.meta.url), "utf8");

describe("readSystemConfig", () => {
  it("gives what is built in, as the example says", async () => {
    const { config } = readSystemConfig("{}");
    expect(config).toEqual({
      dashboard_session_lifetime_secs: 604_800,
      dashboard_session_idle_timeout_secs: 1800,
      where_to_find_ip: { use_ip_directly: true },
      job_run_intervals: { session_garbage_collection: 300 },
    });
    expect(readSystemConfig(await example())).toEqual({ config, warnings: [] });
    expect(readSystemConfig('{ "where_to_find_ip": {}, "job_run_intervals": {} }').config).toEqual(config);
  });

  it("knows the example's commented keys", async () => {
    const switchedOn = (await example()).replace("true\n", "true,\n").replace(/\/\/ (?="\w+": )/g, "");
    expect(readSystemConfig(switchedOn).config.where_to_find_ip).toEqual({
      use_ip_directly: true,
      header_with_ip: "X-Forwarded-For",
      strategy_to_select_ip_from_header: "skip_trusted_proxies",
      trusted_proxies: ["10.0.0.0/8", "::1"],
      trusted_count: 1,
    });
  });

  it.each([
    [{}, ["header_with_ip", "strategy_to_select_ip_from_header"]],
    [{ header_with_ip: "X-Forwarded-For" }, ["strategy_to_select_ip_from_header"]],
    [{ header_with_ip: "A", strategy_to_select_ip_from_header: "skip_count" }, ["trusted_count"]],
    [{ header_with_ip: "A", strategy_to_select_ip_from_header: "skip_trusted_proxies" }, ["trusted_proxies"]],
  ])("asks for what a proxy needs: %j", (ip, missing) => {
    const text = JSON.stringify({ where_to_find_ip: { use_ip_directly: false, ...ip } });
    const messages = missing.map((key) => `system_config.jsonc line 1, where_to_find_ip.${key}: needed`);
    expect(() => readSystemConfig(text)).toThrow(messages[0]);
    expect(() => readSystemConfig(text)).toThrow(messages[messages.length - 1]);
  });

  it("warns about host bits of proxies", () => {
    const { warnings } = readSystemConfig('{ "where_to_find_ip": { "trusted_proxies": ["127.0.0.1/8"] } }');
    expect(warnings).toEqual([expect.stringContaining("is read as 127.0.0.0/8")]);
  });

  it.each([
    '{ "where_to_find_ip": { "trustedProxies": [] } }',
    '{ "where_to_find_ip": { "header_with_ip": "X Forwarded" } }',
    '{ "where_to_find_ip": { "strategy_to_select_ip_from_header": "leftmost" } }',
    '{ "where_to_find_ip": { "trusted_count": -1 } }',
    '{ "job_run_intervals": { "session_garbage_collection": 0 } }',
    '{ "dashboard_session_lifetime_secs": 59 }',
  ])("refuses %s", (text) => expect(() => readSystemConfig(text)).toThrow("system_config.jsonc line 1"));
});

describe("readImpersonationConfig", () => {
  it("is off and lets nobody impersonate by default", () => {
    expect(readImpersonationConfig("{}").config).toEqual({
      enabled: false,
      impersonation_duration_secs: 3600,
      disallow_ip_address_changes: true,
      visible_to_user: true,
      who_can_impersonate: { allow_all_because_i_will_gate_access_myself: false },
    });
  });

  it.each([
    [{ enabled: true }, "on, but nobody"],
    [
      { who_can_impersonate: { allowed_employee_emails: [], allow_all_because_i_will_gate_access_myself: true } },
      "lists",
    ],
  ])("warns of %j", (content, warning) =>
    expect(readImpersonationConfig(JSON.stringify(content)).warnings).toEqual([
      expect.stringMatching(new RegExp(`^user_impersonation.jsonc line 1.*: .*${warning}`)),
    ]),
  );

  it.each([{}, { enabled: true, who_can_impersonate: { allowed_employee_domains: ["example.com"] } }])(
    "warns of nothing in %j",
    (content) => expect(readImpersonationConfig(JSON.stringify(content)).warnings).toEqual([]),
  );

  it("takes who can", () => {
    const who = { allowed_employee_emails: ["joe@example.com"], allowed_employee_domains: ["example.com"] };
    expect(readImpersonationConfig(JSON.stringify({ enabled: true, who_can_impersonate: who })).config).toMatchObject({
      enabled: true,
      who_can_impersonate: who,
    });
  });

  it.each([
    '{ "who_can_impersonate": { "allowed_employee_emails": ["joe"] } }',
    '{ "who_can_impersonate": { "allowed_employee_domains": ["@example.com"] } }',
    '{ "enabled": 1 }',
    '{ "impersonation_duration_secs": 0 }',
  ])("refuses %s", (text) => expect(() => readImpersonationConfig(text)).toThrow("user_impersonation.jsonc line 1"));
});
