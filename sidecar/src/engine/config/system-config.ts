import type { z } from "zod";
import { cidr, flag, hostBitWarningsOf, knownKeys, listOf, oneOf, secs, text, wholeNumber } from "./fields.ts";
import { ConfigError, readJsonc } from "./jsonc.ts";

export const SYSTEM_CONFIG_FILE = "system_config.jsonc";

const DAY_SECS = 86_400;

const whereToFindIp = knownKeys({
  use_ip_directly: flag.default(true),
  header_with_ip: text("expected the name of a header", (name) => /^[\w-]+$/.test(name)).optional(),
  strategy_to_select_ip_from_header: oneOf(["skip_trusted_proxies", "skip_count"]).optional(),
  trusted_proxies: listOf(cidr, 1000, "expected a list of addresses and CIDRs").optional(),
  trusted_count: wholeNumber(0, 100).optional(),
});

const systemConfig = knownKeys({
  /** How long a login to the dashboard lasts. */
  dashboard_session_lifetime_secs: secs(60, 365 * DAY_SECS).default(7 * DAY_SECS),
  /** How long it lasts without use. */
  dashboard_session_idle_timeout_secs: secs(60, 7 * DAY_SECS).default(1800),
  /** Where a dashboard request carries the client's address. */
  where_to_find_ip: whereToFindIp.default({ use_ip_directly: true }),
  job_run_intervals: knownKeys({ session_garbage_collection: secs(1, DAY_SECS).default(300) }).default({
    session_garbage_collection: 300,
  }),
});

/** The content of `system_config.jsonc`, with built-in values for missing keys. */
export type SystemConfig = z.output<typeof systemConfig>;

/** Reads `system_config.jsonc`. Throws a `ConfigError`; what is allowed but unwise is returned as warnings. */
export function readSystemConfig(jsonc: string): { config: SystemConfig; warnings: string[] } {
  const { value: config, at } = readJsonc(SYSTEM_CONFIG_FILE, jsonc, systemConfig);
  const ip = config.where_to_find_ip;
  const strategy = ip.strategy_to_select_ip_from_header;
  const needed = [
    ...(ip.use_ip_directly ? [] : (["header_with_ip", "strategy_to_select_ip_from_header"] as const)),
    ...(!ip.use_ip_directly && strategy === "skip_trusted_proxies" ? (["trusted_proxies"] as const) : []),
    ...(!ip.use_ip_directly && strategy === "skip_count" ? (["trusted_count"] as const) : []),
  ];
  const missing = needed.filter((key) => ip[key] === undefined);
  if (missing.length > 0) {
    const reason = 'needed where "use_ip_directly" is false';
    throw new ConfigError(missing.map((key) => `${at("where_to_find_ip", key)}: ${reason}, but it is missing`));
  }
  const warnings = hostBitWarningsOf(ip.trusted_proxies ?? [], (i) => at("where_to_find_ip", "trusted_proxies", i));
  return { config, warnings };
}
