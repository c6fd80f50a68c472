import { isIP } from "node:net";
import { z } from "zod";
import { ConnectionStringError, readConnectionString, withDefaultSslMode } from "../connection-string.ts";
import { isLoopback } from "../loopback.ts";
import { ConfigError } from "./jsonc.ts";
import { misspelled } from "./misspelled.ts";
import { privateTargets } from "./private-targets.ts";
import { fileVariables, readSecretFiles } from "./secret-files.ts";
import { LOG_LEVELS, POOLERS, type Settings } from "./settings.ts";
import { TRACING_VARIABLES, tracingSettings } from "./tracing-env.ts";

const PG_SSL_MODES = ["disable", "no-verify", "allow", "prefer", "require", "verify-full"] as const;
const DATABASE_URLS = ["DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_MIGRATION_URL"] as const;
/** Each of them may come from a file. */
const OUR_SECRETS: readonly string[] = [
  ...DATABASE_URLS,
  "ENCRYPTION_KEY",
  "ENCRYPTION_KEY_PREVIOUS",
  "INITIAL_INTEGRATION_KEY",
  "INITIAL_OWNER_PASSWORD",
  "METRICS_TOKEN",
];
const SECRETS: readonly string[] = [
  ...OUR_SECRETS,
  // An address may have a password in it.
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];
/** A shorter key could be guessed. */
const RANDOM_CHARS = 32;
/** 32 hexadecimal characters contain 14 different ones on average. */
const DIFFERENT_CHARS = 8;

const NEW_KEY = "openssl rand -base64 32";
const NEW_INTEGRATION_KEY = 'echo "api_$(openssl rand -hex 32)"';

function value(expected: string, accepts: (value: string) => boolean) {
  return z.string().refine(accepts, { error: expected });
}

const port = value(
  "expected a port from 0 to 65535",
  (text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535,
).transform(Number);

const host = value(
  "expected an IP address or a host name to listen on, such as 127.0.0.1 or 0.0.0.0",
  (text) => isIP(text) !== 0 || /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(text),
);

const wholeNumber = (from: number, to: number, of: string) =>
  value(
    `expected ${from} to ${to} ${of}`,
    (text) => /^\d{1,5}$/.test(text) && Number(text) >= from && Number(text) <= to,
  ).transform(Number);

const connectionString = z.string().superRefine((text, context) => {
  try {
    readConnectionString(text);
  } catch (error) {
    if (!(error instanceof ConnectionStringError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});

const onOrOff = (standard: "on" | "off") =>
  z
    .enum(["on", "off"], { error: 'expected "on" or "off"' })
    .default(standard)
    .transform((word) => word === "on");

const encryptionKey = value(
  `expected 32 bytes as base64. Make one with: ${NEW_KEY}`,
  // Node decodes invalid base64 too, and skips unknown characters.
  (text) => Buffer.from(text, "base64").length === 32 && Buffer.from(text, "base64").toString("base64") === text,
).transform((text) => Buffer.from(text, "base64"));

// Unknown variables are ignored, unless one looks like a misspelled one of these. BYO_LICENSE_KEY, for example, belongs to
// another sidecar with the same contract.
const variables = z.object({
  PORT: port.default(2884),
  DASHBOARD_PORT: port.optional(),
  DASHBOARD_HOST: host.optional(),
  DASHBOARD_ORIGIN: value(
    "expected an origin such as https://sessions.example.com, without a path; browsers keep a login over https only",
    isSecureOrigin,
  )
    .transform((text) => new URL(text).origin)
    .optional(),
  DASHBOARD: onOrOff("on"),
  DASHBOARD_POLICY_EDITS: onOrOff("on"),
  PUBLISHED_ON_LOOPBACK: onOrOff("off"),
  HOST: host.default("127.0.0.1"),
  SOCKET_PATH: value(
    "expected an absolute path of at most 90 bytes, such as /run/byo/sidecar.sock",
    (text) => text.startsWith("/") && Buffer.byteLength(text) <= 90,
  ).optional(),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  FAST_PATH: onOrOff("on"),
  CONNECTION_AGE_SECS: wholeNumber(1, 86_400, "seconds").default(300),
  DATABASE_URL: connectionString.optional(),
  DATABASE_DIRECT_URL: connectionString.optional(),
  DATABASE_MIGRATION_URL: connectionString.optional(),
  // A variable of Postgres itself, for a DATABASE_URL that leaves it out.
  PGSSLMODE: z.enum(PG_SSL_MODES, { error: `expected one of ${PG_SSL_MODES.join(", ")}` }).optional(),
  DATABASE_POOLER: z.enum(POOLERS, { error: `expected one of ${POOLERS.join(", ")}` }).default("auto"),
  DATABASE_POOL_SIZE: wholeNumber(2, 1000, "connections").default(10),
  DATABASE_WAIT_SECS: wholeNumber(0, 3600, "seconds").default(30),
  MIGRATE_ON_START: onOrOff("on"),
  DATA_DIR: z.string().default(".byo/data"),
  CONFIG_DIR: z.string().optional(),
  INITIAL_OWNER_USERNAME: value("expected 1 to 128 characters without whitespace", (text) =>
    /^[^\s\p{Cc}]{1,128}$/u.test(text),
  ).optional(),
  INITIAL_OWNER_PASSWORD: value(
    "expected 12 to 256 characters",
    (text) => text.length >= 12 && text.length <= 256,
  ).optional(),
  // Also on loopback: other users, proxies and servers that fetch URLs from users can reach it.
  INITIAL_INTEGRATION_KEY: value(
    `expected "api_" and then ${RANDOM_CHARS} or more random letters, digits and symbols, at most 256 characters in all. ` +
      `Make one with: ${NEW_INTEGRATION_KEY}`,
    (text) => /^api_[\x21-\x7e]+$/.test(text) && text.length <= 256 && looksRandom(text),
  ).optional(),
  ENCRYPTION_KEY: encryptionKey.optional(),
  ENCRYPTION_KEY_PREVIOUS: encryptionKey.optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  SESSION_CACHE: onOrOff("on"),
  METRICS_TOKEN: value(`expected 16 or more characters without whitespace. Make one with: ${NEW_KEY}`, (text) =>
    /^[\x21-\x7e]{16,1024}$/.test(text),
  ).optional(),
  WEBHOOK_PRIVATE_TARGETS: privateTargets,
  ...TRACING_VARIABLES,
});

/** The names of all variables that are read, apart from those that name the file of a secret. */
export const VARIABLES: readonly string[] = Object.keys(variables.shape);

const environment = variables.superRefine((env, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  for (const name of DATABASE_URLS.slice(1)) {
    if (env[name] !== undefined && env.DATABASE_URL === undefined)
      refuse(name, "expected DATABASE_URL to be set too; without it, the embedded database is used");
  }
  if (env.PORT !== 0 && env.PORT === env.DASHBOARD_PORT)
    refuse("DASHBOARD_PORT", "expected a port that differs from PORT");
  if (env.DASHBOARD_HOST !== undefined && env.DASHBOARD_PORT === undefined) {
    refuse("DASHBOARD_HOST", "expected DASHBOARD_PORT to be set too; on a shared port HOST applies to both");
  }
  if ((env.TLS_CERT_FILE === undefined) !== (env.TLS_KEY_FILE === undefined)) {
    const missing = env.TLS_CERT_FILE === undefined ? "TLS_CERT_FILE" : "TLS_KEY_FILE";
    refuse(missing, "expected TLS_CERT_FILE and TLS_KEY_FILE together: a certificate chain and its private key");
  }
  if (env.ENCRYPTION_KEY_PREVIOUS && !env.ENCRYPTION_KEY) {
    refuse(
      "ENCRYPTION_KEY_PREVIOUS",
      "expected ENCRYPTION_KEY to be set too; to use a single key, name it ENCRYPTION_KEY",
    );
  }
});

function looksRandom(key: string): boolean {
  const random = key.slice("api_".length);
  return random.length >= RANDOM_CHARS && new Set(random).size >= DIFFERENT_CHARS && !repeatsItself(random);
}

/** Whether the text repeats a short part, as in "correct-horse-correct-horse-correct-horse". */
function repeatsItself(text: string): boolean {
  const periods = Array.from({ length: text.length / 2 }, (_, at) => at + 1);
  return periods.some((period) => text.startsWith(text.slice(period)));
}

function isSecureOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:\/\/[^/?#@]+\/?$/.test(text)) return false;
  return url.protocol === "https:" || isLoopback(url.hostname.replace(/^\[|\]$/g, ""));
}

/** The address that the dashboard's port listens on. */
export function dashboardHost({ dashboardPort, dashboardHost, host }: Settings): string {
  return dashboardPort === undefined ? host : (dashboardHost ?? host);
}

/**
 * Whether only this machine can reach the dashboard, according to the settings. With an origin others can open it.
 */
export function isDashboardForThisMachine(settings: Settings): boolean {
  const isOnLoopback = settings.publishedOnLoopback || isLoopback(dashboardHost(settings));
  return isOnLoopback && settings.dashboardOrigin === undefined;
}

/**
 * Reads the environment; an empty variable counts as unset. Throws a `ConfigError` that lists every problem and shows
 * no secret.
 */
export function readEnv(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ""));
  const files = readSecretFiles(given, OUR_SECRETS);
  const set = { ...given, ...files.values };
  const unknown = misspelled(Object.keys(set), [...VARIABLES, ...fileVariables(OUR_SECRETS)]).map(
    ({ name, meant }) => `${name} is not known: rename it to ${meant}, or remove it`,
  );
  const result = environment.safeParse(set);
  const wrong = (result.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]);
    return SECRETS.includes(name) ? `${name}: ${message}` : `${name}: ${message}. Got "${set[name]}"`;
  });
  const problems = [...wrong, ...files.problems, ...unknown];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const known = result.data;
  const secured = (url: string | undefined) =>
    url && (known.PGSSLMODE ? withDefaultSslMode(url, known.PGSSLMODE) : url);
  return {
    port: known.PORT,
    dashboardPort: known.DASHBOARD_PORT,
    host: known.HOST,
    socketPath: known.SOCKET_PATH,
    tlsCertFile: known.TLS_CERT_FILE,
    tlsKeyFile: known.TLS_KEY_FILE,
    fastPath: known.FAST_PATH,
    connectionAgeSecs: known.CONNECTION_AGE_SECS,
    databaseUrl: secured(known.DATABASE_URL),
    databaseDirectUrl: secured(known.DATABASE_DIRECT_URL),
    databaseMigrationUrl: secured(known.DATABASE_MIGRATION_URL),
    databasePooler: known.DATABASE_POOLER,
    databasePoolSize: known.DATABASE_POOL_SIZE,
    databaseWaitSecs: known.DATABASE_WAIT_SECS,
    migrateOnStart: known.MIGRATE_ON_START,
    dataDir: known.DATA_DIR,
    configDir: known.CONFIG_DIR,
    dashboardHost: known.DASHBOARD_HOST,
    dashboardOrigin: known.DASHBOARD_ORIGIN,
    publishedOnLoopback: known.PUBLISHED_ON_LOOPBACK,
    dashboard: known.DASHBOARD,
    policyEdits: known.DASHBOARD_POLICY_EDITS,
    initialOwnerUsername: known.INITIAL_OWNER_USERNAME,
    initialOwnerPassword: known.INITIAL_OWNER_PASSWORD,
    initialIntegrationKey: known.INITIAL_INTEGRATION_KEY,
    encryptionKey: known.ENCRYPTION_KEY,
    encryptionKeyPrevious: known.ENCRYPTION_KEY_PREVIOUS,
    logLevel: known.LOG_LEVEL,
    sessionCache: known.SESSION_CACHE,
    metricsToken: known.METRICS_TOKEN,
    webhookPrivateTargets: known.WEBHOOK_PRIVATE_TARGETS,
    tracing: tracingSettings(known),
  };
}
