import { z } from "zod";
import { type LogoutProvider, providersProblem } from "../backchannel-logout/provider.ts";
import type { CookieSettings } from "../cookies/cookie-line.ts";
import { cookieProblems, cookieSchema, resolveCookie } from "../cookies/cookie-options.ts";
import type { DeviceDemand } from "../device/evidence.ts";
import { ConfigurationError } from "../errors.ts";
import type { ImpersonationRule } from "../impersonation/rule.ts";
import { isSerializedOrigin } from "../origin/origin.ts";
import {
  checkedPublicUrl,
  isPageAddress,
  isPlainHttpUrl,
  type PublicAddress,
  pageAddress,
  percentEncoded,
  publicAddress,
} from "../paths/sendable.ts";
import { createClient } from "../sidecar/client.ts";
import {
  isStatelessClient,
  type SessionClient,
  type StatelessClient,
  type WatchingClient,
  withDeadline,
} from "../sidecar/session-client.ts";
import type { ByoSessionOptions, StatelessOption } from "./options.ts";
import { expectOptionsObject } from "./options-object.ts";

type Given<Req> = ByoSessionOptions<Req>;

/** The options after their defaults. */
export interface Settings<Req>
  extends Pick<Given<Req>, "skip" | "loginUrl" | "onNewDevice" | "legacySession" | "clientIp" | "devicePage">,
    Required<Pick<Given<Req>, "lazy" | "bearer" | "sessionProperty" | "challengeStatus">> {
  readonly client: WatchingClient;
  /** A secret that every process of the application has; undefined if the application passes its own client. */
  readonly integrationKey: string | undefined;
  readonly cookie: CookieSettings;
  readonly trustedOrigins: ReadonlySet<string>;
  readonly protectsFromCrossOrigin: (req: Req) => boolean;
  readonly publicUrl: (req: Req) => PublicAddress | undefined;
  readonly addedPrefix: string | undefined;
  readonly device: DeviceDemand;
  readonly impersonation: ImpersonationRule;
  readonly routesPrefix: string | undefined;
  readonly logoutProviders: readonly LogoutProvider[];
  readonly development: boolean;
  /** How long a signed cookie counts, and with which client; undefined: each request asks. */
  readonly stateless: { readonly maxAgeSecs: number; readonly client: StatelessClient } | undefined;
}

/** Where the browser library expects them. */
const DEFAULT_PREFIX = "/session";

type Environment = Readonly<Record<string, string | undefined>>;

const flag = z.boolean({ error: "expected true or false" }).optional();
const text = z.string({ error: "expected text" }).min(1, { error: "expected a string that is not empty" }).optional();
const fn = z.custom<(...args: never) => unknown>((value) => typeof value === "function", {
  error: "expected a function",
});
const httpUrl = z.string({ error: "expected text" }).refine(isPlainHttpUrl, {
  error: "expected an http(s) URL without query and fragment, such as https://example.com/app",
});
const origin = z.string({ error: "expected text" }).refine(isSerializedOrigin, {
  error:
    "expected an origin exactly as in the Origin header, such as https://admin.example.com or " +
    "chrome-extension://<id>, without a path or a wildcard",
});
const pageUrl = z.string({ error: "expected text" }).refine(isPageAddress, {
  error: 'expected a path such as "/login", or an http(s) URL',
});
const path = z.string({ error: "expected text" }).regex(/^\/(?![/\\])[^?#\s]*[^?#\s/]$/, {
  error: 'expected a path such as "/session", without a trailing slash',
});
const client = z.custom<SessionClient>(
  (value) => typeof (value as SessionClient | null)?.session?.validateAndRefresh === "function",
  { error: "expected a sidecar client, as createClient() returns it" },
);

const claim = z.string({ error: "expected text" }).min(1, { error: "expected a string that is not empty" });
const provider = z.strictObject({
  issuer: claim,
  clientId: claim,
  jwksUri: z.string({ error: "expected text" }).refine(isHttpUrl, { error: "expected the http(s) URL of the keys" }),
});
const routesSchema = z.strictObject({
  prefix: path.optional(),
  backchannelLogout: z.union([provider, z.array(provider)]).optional(),
});

const delay = z
  .int({ error: "expected whole seconds" })
  .min(1, { error: "expected at least 1 second" })
  .max(300, { error: "expected at most 300 seconds: an ended session can still read for this long" });

const optionsSchema = z.strictObject({
  url: text,
  integrationKey: text,
  client: client.optional(),
  timeoutMs: z
    .int({ error: "expected whole milliseconds" })
    .min(1, { error: "expected at least 1 ms" })
    .max(60_000, { error: "expected at most 60000 ms" })
    .optional(),
  hold: flag,
  stateless: z
    .union([z.strictObject({ revocationDelaySecs: delay }), z.strictObject({ maxAgeSecs: delay })], {
      error: "expected { revocationDelaySecs } or { maxAgeSecs }, from 1 to 300 seconds",
    })
    .optional(),
  cookie: cookieSchema.optional(),
  publicUrl: z.union([httpUrl, fn], { error: "expected an http(s) URL or a function that returns one" }).optional(),
  addedPrefix: path.optional(),
  trustedOrigins: z.array(origin, { error: "expected a list of origins" }).optional(),
  crossOriginProtection: z.union([z.boolean(), fn], { error: "expected true, false or a function" }).optional(),
  skip: fn.optional(),
  lazy: flag,
  bearer: flag,
  loginUrl: pageUrl.optional(),
  device: z.enum(["proof", "recent", "off"], { error: 'expected "proof", "recent" or "off"' }).optional(),
  devicePage: fn.optional(),
  impersonation: z
    .enum(["refuse", "read-only", "allow"], { error: 'expected "refuse", "read-only" or "allow"' })
    .optional(),
  challengeStatus: z.literal([401, 425], { error: "expected 401 or 425" }).optional(),
  sessionProperty: z
    .string()
    .regex(/^[a-zA-Z_$][\w$]*$/, { error: "expected a property name" })
    .optional(),
  routes: z
    .union([z.literal(false), routesSchema], {
      error:
        'expected false or { prefix: "/…" }, without a trailing slash; with `backchannelLogout` of the form ' +
        "{ issuer, clientId, jwksUri }",
    })
    .optional(),
  onNewDevice: fn.optional(),
  legacySession: fn.optional(),
  clientIp: fn.optional(),
});

/**
 * Checks the options once, at the start.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, naming every invalid option and how to fix it.
 */
export function resolveOptions<Req>(options: Given<Req>, env: Environment = environment()): Settings<Req> {
  const production = env.NODE_ENV === "production";
  expectOptionsObject(options, "byoSession");
  const checked = optionsSchema.safeParse(options);
  const problems = checked.success ? [] : checked.error.issues.map(describeIssue);
  if (checked.success && options.cookie) problems.push(...cookieProblems(options.cookie, production));
  if (checked.success) {
    problems.push(
      ...connectionProblems(options, env),
      ...recentProblems(options),
      ...statelessProblems(options),
      ...logoutProblems(options, production),
    );
  }
  if (problems.length > 0) {
    throw new ConfigurationError("ERR_BYO_OPTIONS", `byoSession(): ${problems.join("\n  and ")}`);
  }

  const { skip, onNewDevice, legacySession, clientIp, devicePage } = options;
  const loginUrl = options.loginUrl === undefined ? undefined : pageAddress(options.loginUrl);
  const { publicUrl, crossOriginProtection = true } = options;
  const connected = connect(options, env);
  const fixedUrl = typeof publicUrl === "string" ? publicAddress(publicUrl) : undefined;
  return {
    ...{ skip, loginUrl, onNewDevice, legacySession, clientIp, devicePage },
    client: connected,
    stateless: statelessOf(options.stateless, connected),
    integrationKey: options.client ? undefined : (options.integrationKey ?? env.BYO_INTEGRATION_KEY),
    cookie: resolveCookie(options.cookie ?? {}, production),
    trustedOrigins: new Set(options.trustedOrigins),
    protectsFromCrossOrigin:
      typeof crossOriginProtection === "function" ? crossOriginProtection : () => crossOriginProtection,
    publicUrl: typeof publicUrl === "function" ? checkedPublicUrl(publicUrl) : () => fixedUrl,
    addedPrefix: options.addedPrefix === undefined ? undefined : percentEncoded(options.addedPrefix),
    device: options.device ?? "proof",
    impersonation: options.impersonation ?? "read-only",
    challengeStatus: options.challengeStatus ?? 425,
    lazy: options.lazy ?? false,
    bearer: options.bearer ?? false,
    sessionProperty: options.sessionProperty ?? "session",
    routesPrefix: options.routes ? percentEncoded(options.routes.prefix ?? DEFAULT_PREFIX) : undefined,
    logoutProviders: providersOf(options),
    development: env.NODE_ENV === "development",
  };
}

function connect<Req>(options: Given<Req>, env: Environment): WatchingClient {
  const { timeoutMs = 2000, hold = true } = options;
  if (options.client) return withDeadline(options.client, timeoutMs, hold);
  const { url = env.BYO_URL ?? "", integrationKey = env.BYO_INTEGRATION_KEY ?? "" } = options;
  return createClient({ url, integrationKey, timeoutMs, hold });
}

function statelessOf(option: StatelessOption | undefined, client: SessionClient): Settings<never>["stateless"] {
  if (!option || !isStatelessClient(client)) return undefined;
  return { maxAgeSecs: option.revocationDelaySecs ?? option.maxAgeSecs, client };
}

function statelessProblems<Req>({ stateless, client }: Given<Req>): string[] {
  if (!stateless || !client || isStatelessClient(client)) return [];
  return ["`stateless`: this `client` does not support signed tokens; use createClient() from @byo-session/core"];
}

function connectionProblems<Req>(options: Given<Req>, env: Environment): string[] {
  if (options.client) {
    const both = options.url !== undefined || options.integrationKey !== undefined;
    return both ? ["`client`: it has its own URL and key; remove `url` and `integrationKey`"] : [];
  }
  const problems: string[] = [];
  if (!options.url && !env.BYO_URL) {
    problems.push(
      "`url`: set BYO_URL or pass `url`. To run a sidecar here: npx --package @byo-session/sidecar byo-sidecar; " +
        "it listens on http://127.0.0.1:2884",
    );
  }
  if (!options.integrationKey && !env.BYO_INTEGRATION_KEY) {
    problems.push(
      "`integrationKey`: set BYO_INTEGRATION_KEY or pass `integrationKey`. A sidecar with its embedded database logs the " +
        "path of a file with a key; on Postgres, make one with: npx --package @byo-session/sidecar byo keys create --name app",
    );
  }
  return problems;
}

/** A recent proof is shown by a device cookie, which no browser could get here. */
function recentProblems<Req>({ device, publicUrl, client }: Given<Req>): string[] {
  if (device !== "recent") return [];
  const problems: string[] = [];
  if (publicUrl === undefined) {
    problems.push(
      '`device`: "recent" needs `publicUrl`, the URL that proofs are made for, such as https://example.com',
    );
  }
  if (client && !client.hasDeviceCookies) {
    problems.push(
      '`device`: "recent" needs device cookies, which this `client` does not support: use createClient() from ' +
        '@byo-session/core with a @byo-session/sidecar, or set `device` to "proof"',
    );
  }
  return problems;
}

function providersOf<Req>({ routes }: Given<Req>): LogoutProvider[] {
  return [routes ? (routes.backchannelLogout ?? []) : []].flat();
}

function logoutProblems<Req>(options: Given<Req>, production: boolean): string[] {
  const providers = providersOf(options);
  if (providers.length === 0) return [];
  const problem = providersProblem(providers, production);
  const problems = problem === undefined ? [] : [`\`routes.backchannelLogout\`: ${problem}`];
  if (options.client && !options.client.session.invalidateMany) {
    problems.push(
      "`routes.backchannelLogout`: this `client` cannot end sessions by their tags: use createClient() from " +
        "@byo-session/core with a @byo-session/sidecar",
    );
  }
  return problems;
}

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

function describeIssue({ path, message, code, ...issue }: z.core.$ZodIssue): string {
  if (code === "unrecognized_keys" && "keys" in issue) {
    const known = Object.keys(schemaAt(path).shape).join(", ");
    const names = issue.keys.map((key) => `\`${[...path, key].join(".")}\``).join(", ");
    return `${names}: unknown option; expected one of ${known}`;
  }
  return `\`${path.join(".")}\`: ${message}`;
}

function schemaAt([option, part]: readonly PropertyKey[]): z.ZodObject {
  if (option === undefined) return optionsSchema;
  if (option === "cookie") return cookieSchema;
  return part === undefined ? routesSchema : provider;
}

function environment(): Environment {
  return typeof process === "undefined" ? {} : process.env;
}
