import { randomBytes } from "node:crypto";
import type { CaseGroup } from "./case.ts";
import { actions } from "./cases/actions.ts";
import { activity, lazyActivity, lifetimes } from "./cases/activity.ts";
import { answerTable } from "./cases/answer-table.ts";
import { backchannelLogout } from "./cases/backchannel-logout.ts";
import { bearer } from "./cases/bearer.ts";
import { caching } from "./cases/caching.ts";
import { clientAddress } from "./cases/client-address.ts";
import { cookieAtFlush } from "./cases/cookie-at-flush.ts";
import { cost, lazy } from "./cases/cost.ts";
import { crossSite, crossSiteByHost } from "./cases/cross-site.ts";
import {
  CHALLENGE_LIFETIME_SECS,
  devices,
  devicesOff,
  devicesWithoutPublicUrl,
  recentDevices,
} from "./cases/devices.ts";
import { guards } from "./cases/guards.ts";
import { honestUsers } from "./cases/honest-users.ts";
import { hostileCookies } from "./cases/hostile-cookies.ts";
import { hostileTargets } from "./cases/hostile-targets.ts";
import { impersonation, refusedImpersonation } from "./cases/impersonation.ts";
import { legacy } from "./cases/legacy.ts";
import { prefetches } from "./cases/prefetches.ts";
import { readyMadeRoutes, withoutRoutes } from "./cases/ready-made-routes.ts";
import { MOVED_COOKIE, severalCookies } from "./cases/several-cookies.ts";
import { STATELESS_SECS, stateless } from "./cases/stateless.ts";
import { upgrades } from "./cases/upgrades.ts";
import { wholeLogins } from "./cases/whole-logins.ts";
import { writtenAddresses } from "./cases/written-addresses.ts";
import { PUBLIC_URL } from "./device-browser.ts";
import type { HostOptions } from "./host.ts";

/** Cases for an app with the same options: it is started once for all of them. */
export interface Suite {
  readonly title: string;
  readonly options: HostOptions;
  /** The app receives the logouts of the OpenID provider. */
  readonly hasProvider?: true;
  readonly groups: readonly CaseGroup[];
}

const WITH_DEVICES = { publicUrl: PUBLIC_URL, routes: { prefix: "/session" } } as const;

export const SUITES: readonly Suite[] = [
  {
    title: "an app with every option",
    options: {
      ...WITH_DEVICES,
      loginUrl: "/sign-in?from=guard",
      trustedOrigins: [
        "https://admin.example",
        "https://admin.example:8443",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "capacitor://localhost",
        "tauri://localhost",
      ],
    },
    groups: [
      // These two compare with the real time, which the others leave behind.
      legacy,
      guards,
      answerTable,
      cookieAtFlush,
      caching,
      actions,
      activity,
      lifetimes,
      wholeLogins,
      readyMadeRoutes,
      crossSite,
      devices,
      upgrades,
      prefetches,
      clientAddress,
      cost,
      hostileCookies,
      hostileTargets,
      honestUsers,
      impersonation,
    ],
  },
  {
    title: "without options",
    options: {},
    groups: [withoutRoutes, crossSiteByHost, devicesWithoutPublicUrl],
  },
  { title: "with Bearer tokens", options: { bearer: true }, groups: [bearer] },
  {
    title: "with addresses that are not ASCII",
    options: { loginUrl: "/ログイン?von=Tür", routes: { prefix: "/sitzung-für-dich" } },
    groups: [writtenAddresses],
  },
  { title: "loaded when asked for", options: { lazy: true }, groups: [lazy, lazyActivity] },
  {
    title: "with a cookie that has moved",
    options: { cookie: MOVED_COOKIE, routes: { prefix: "/session" } },
    groups: [severalCookies],
  },
  {
    title: "an app of pages, with devices",
    options: { ...WITH_DEVICES, device: "recent", challengeStatus: 401 },
    groups: [recentDevices],
  },
  {
    title: "with an OpenID provider",
    options: { routes: { prefix: "/session" } },
    hasProvider: true,
    groups: [backchannelLogout],
  },
  { title: "with stateless tokens", options: { stateless: { maxAgeSecs: STATELESS_SECS } }, groups: [stateless] },
  {
    title: "where an impersonation reaches nothing by itself",
    options: { impersonation: "refuse", routes: { prefix: "/session" } },
    groups: [refusedImpersonation],
  },
  { title: "lax with devices", options: { ...WITH_DEVICES, device: "off" }, groups: [devicesOff] },
];

/** Who may act as a user in the cases, and the key that stateless tokens need. */
export const SIDECAR_OPTIONS = {
  configFiles: {
    "user_impersonation.jsonc": {
      enabled: true,
      who_can_impersonate: { allowed_employee_domains: ["support.example"] },
    },
  },
  env: { ENCRYPTION_KEY: randomBytes(32).toString("base64") },
};

/** What the sidecar of all cases is configured with. */
export const SIDECAR_CONFIG = {
  device_challenge_lifetime_secs: CHALLENGE_LIFETIME_SECS,
  on_create_only_tags: ["fixed"],
  tags: [
    { tag: "test:idle", inactivity_timeout_secs: 600 },
    { tag: "test:home", disallow_ip_address_changes: true },
    { tag: "test:office", ip_allowlist: ["203.0.113.0/24"] },
    { tag: "test:newest", max_concurrent_sessions_per_user_per_tag: 1 },
    { tag: "test:first", max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" },
  ],
};
