import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { isDashboardForThisMachine, readEnv } from "../../src/engine/config/env.ts";
import { ConfigError } from "../../src/engine/config/jsonc.ts";
import { isLoopback } from "../../src/engine/loopback.ts";
import { CidrSet } from "../../src/engine/policy/ip-address.ts";

const KEY = randomBytes(32).toString("base64");
const RANDOM_INTEGRATION_KEY = `api_${randomBytes(24).toString("base64url")}`;

function refusal(env: NodeJS.ProcessEnv): string {
  try {
    readEnv(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the environment was accepted");
}

describe("readEnv", () => {
  it("needs nothing", () => {
    expect(readEnv({})).toEqual({
      port: 2884,
      host: "127.0.0.1",
      fastPath: true,
      connectionAgeSecs: 300,
      databasePooler: "auto",
      databasePoolSize: 10,
      databaseWaitSecs: 30,
      migrateOnStart: true,
      dataDir: ".byo/data",
      dashboard: true,
      policyEdits: true,
      publishedOnLoopback: false,
      sessionCache: true,
      webhookPrivateTargets: CidrSet.of([]),
      logLevel: "info",
    });
  });

  it("reads everything", () => {
    const previous = randomBytes(32);
    const env = {
      PORT: "0",
      DASHBOARD_PORT: "3000",
      DASHBOARD_HOST: "127.0.0.1",
      DASHBOARD_ORIGIN: "https://sessions.example.com",
      DASHBOARD: "off",
      DASHBOARD_POLICY_EDITS: "off",
      PUBLISHED_ON_LOOPBACK: "on",
      HOST: "0.0.0.0",
      SOCKET_PATH: "/run/byo/sidecar.sock",
      TLS_CERT_FILE: "/tls/cert.pem",
      TLS_KEY_FILE: "/tls/key.pem",
      FAST_PATH: "off",
      CONNECTION_AGE_SECS: "60",
      DATABASE_URL: "postgresql://user:p%40ss@db:5432/byo?sslmode=require",
      DATABASE_DIRECT_URL: "postgres://user@db:5433/byo",
      DATABASE_MIGRATION_URL: "postgres://owner@db/byo",
      DATABASE_POOLER: "session",
      DATABASE_POOL_SIZE: "40",
      DATABASE_WAIT_SECS: "0",
      MIGRATE_ON_START: "off",
      DATA_DIR: "/data",
      CONFIG_DIR: "/app/configs",
      INITIAL_OWNER_USERNAME: "root",
      INITIAL_OWNER_PASSWORD: "temporary password",
      INITIAL_INTEGRATION_KEY: RANDOM_INTEGRATION_KEY,
      ENCRYPTION_KEY: KEY,
      ENCRYPTION_KEY_PREVIOUS: previous.toString("base64"),
      LOG_LEVEL: "debug",
      SESSION_CACHE: "off",
      WEBHOOK_PRIVATE_TARGETS: "10.1.2.0/24, fd00::7",
      METRICS_TOKEN: "0123456789abcdef",
      BYO_LICENSE_KEY: "anything",
    };
    expect(readEnv(env)).toEqual({
      port: 0,
      dashboardPort: 3000,
      dashboardHost: "127.0.0.1",
      dashboardOrigin: "https://sessions.example.com",
      dashboard: false,
      policyEdits: false,
      publishedOnLoopback: true,
      host: "0.0.0.0",
      socketPath: "/run/byo/sidecar.sock",
      tlsCertFile: "/tls/cert.pem",
      tlsKeyFile: "/tls/key.pem",
      fastPath: false,
      connectionAgeSecs: 60,
      databaseUrl: env.DATABASE_URL,
      databaseDirectUrl: env.DATABASE_DIRECT_URL,
      databaseMigrationUrl: env.DATABASE_MIGRATION_URL,
      databasePooler: "session",
      databasePoolSize: 40,
      databaseWaitSecs: 0,
      migrateOnStart: false,
      dataDir: "/data",
      configDir: "/app/configs",
      initialOwnerUsername: "root",
      initialOwnerPassword: "temporary password",
      initialIntegrationKey: RANDOM_INTEGRATION_KEY,
      encryptionKey: Buffer.from(KEY, "base64"),
      encryptionKeyPrevious: previous,
      logLevel: "debug",
      sessionCache: false,
      webhookPrivateTargets: CidrSet.of(["10.1.2.0/24", "fd00::7"]),
      metricsToken: "0123456789abcdef",
    });
  });

  it("treats an empty variable as unset", () => {
    expect(readEnv({ PORT: "", DATABASE_URL: "", ENCRYPTION_KEY: "", LICENSE_KEY: "" })).toEqual(readEnv({}));
  });

  it.each([
    [{ PORT: "http" }, 'PORT: expected a port from 0 to 65535. Got "http"'],
    [{ PORT: "65536" }, "PORT: expected"],
    [{ PORT: "-1" }, "PORT: expected"],
    [{ PORT: "1e3" }, "PORT: expected"],
    [{ PORT: " 80" }, "PORT: expected"],
    [{ DASHBOARD_PORT: "x" }, "DASHBOARD_PORT: expected a port"],
    [{ PORT: "80", DASHBOARD_PORT: "80" }, "DASHBOARD_PORT: expected a port that differs from PORT"],
    [{ HOST: "http://localhost" }, "HOST: expected an IP address or a host name"],
    [{ HOST: "a b" }, "HOST: expected"],
    [{ SOCKET_PATH: "run/byo.sock" }, "SOCKET_PATH: expected an absolute path of at most 90 bytes"],
    [{ SOCKET_PATH: `/${"x".repeat(90)}` }, "SOCKET_PATH: expected"],
    [{ TLS_CERT_FILE: "/cert.pem" }, "TLS_KEY_FILE: expected TLS_CERT_FILE and TLS_KEY_FILE together"],
    [{ TLS_KEY_FILE: "/key.pem" }, "TLS_CERT_FILE: expected TLS_CERT_FILE and TLS_KEY_FILE together"],
    [{ FAST_PATH: "yes" }, 'FAST_PATH: expected "on" or "off"'],
    [{ SESSION_CACHE: "true" }, 'SESSION_CACHE: expected "on" or "off"'],
    [{ PUBLISHED_ON_LOOPBACK: "127.0.0.1" }, 'PUBLISHED_ON_LOOPBACK: expected "on" or "off"'],
    [{ CONNECTION_AGE_SECS: "0" }, "CONNECTION_AGE_SECS: expected 1 to 86400 seconds"],
    [{ CONNECTION_AGE_SECS: "86401" }, "CONNECTION_AGE_SECS: expected"],
    [{ DATABASE_URL: "mysql://root:hunter2@db/x" }, "DATABASE_URL: expected a connection string"],
    [{ DATABASE_URL: "db:5432" }, "DATABASE_URL: expected"],
    [{ DATABASE_URL: "postgres://byo@db/byo?sslmod=require" }, "DATABASE_URL: the parameter sslmod is not known"],
    [{ DATABASE_DIRECT_URL: "postgres://db/byo" }, "DATABASE_DIRECT_URL: expected DATABASE_URL to be set too"],
    [{ PGSSLMODE: "on" }, "PGSSLMODE: expected one of disable"],
    [{ DATABASE_POOLER: "pgbouncer" }, "DATABASE_POOLER: expected one of auto, session, transaction"],
    [{ DATABASE_POOL_SIZE: "1" }, "DATABASE_POOL_SIZE: expected 2 to 1000 connections"],
    [{ DATABASE_WAIT_SECS: "-1" }, "DATABASE_WAIT_SECS: expected 0 to 3600 seconds"],
    [{ INITIAL_OWNER_USERNAME: "a b" }, "INITIAL_OWNER_USERNAME: expected"],
    [{ INITIAL_INTEGRATION_KEY: "hunter2" }, 'INITIAL_INTEGRATION_KEY: expected "api_" and then'],
    [{ INITIAL_INTEGRATION_KEY: "api_" }, "INITIAL_INTEGRATION_KEY: expected"],
    [{ INITIAL_INTEGRATION_KEY: "api_a b" }, "INITIAL_INTEGRATION_KEY: expected"],
    [
      { ENCRYPTION_KEY: "hunter2" },
      "ENCRYPTION_KEY: expected 32 bytes as base64. Make one with: openssl rand -base64 32",
    ],
    [{ ENCRYPTION_KEY: randomBytes(31).toString("base64") }, "ENCRYPTION_KEY: expected"],
    [{ ENCRYPTION_KEY: randomBytes(32).toString("hex") }, "ENCRYPTION_KEY: expected"],
    [{ ENCRYPTION_KEY: `${KEY}\n` }, "ENCRYPTION_KEY: expected"],
    [{ ENCRYPTION_KEY_PREVIOUS: KEY }, "ENCRYPTION_KEY_PREVIOUS: expected ENCRYPTION_KEY to be set too"],
    [{ LOG_LEVEL: "verbose" }, "LOG_LEVEL: expected one of fatal, error, warn"],
    [{ WEBHOOK_PRIVATE_TARGETS: "10.1.2" }, "WEBHOOK_PRIVATE_TARGETS: expected addresses or CIDRs"],
    [{ METRICS_TOKEN: "short" }, "METRICS_TOKEN: expected 16 or more"],
  ])("refuses %j", (env, message) => expect(refusal(env)).toContain(message));

  it("takes PGSSLMODE for a connection string that says no mode", () => {
    const read = (DATABASE_URL: string) => readEnv({ DATABASE_URL, PGSSLMODE: "require" }).databaseUrl;
    expect(read("postgres://db/byo")).toBe("postgres://db/byo?sslmode=require");
    expect(read("postgres://db/byo?options=x")).toBe("postgres://db/byo?options=x&sslmode=require");
    expect(read("postgres://db/byo?sslmode=disable")).toBe("postgres://db/byo?sslmode=disable");
  });

  it.each([
    ["ENCRYPTON_KEY", "ENCRYPTION_KEY"],
    ["ENCRYPTOIN_KEY", "ENCRYPTION_KEY"],
    ["encryption_key", "ENCRYPTION_KEY"],
    ["BYO_DATABASE_URL", "DATABASE_URL"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["DATABSE_POOL_SIZE", "DATABASE_POOL_SIZE"],
    ["METRIC_TOKEN", "METRICS_TOKEN"],
    ["TLS_CERTFILE", "TLS_CERT_FILE"],
    ["BYO_PORT", "PORT"],
  ])("names the misspelled variable %s", (name, meant) => {
    expect(refusal({ [name]: "hunter2" })).toBe(`${name} is not known: rename it to ${meant}, or remove it`);
  });

  it.each([
    { DATABASE_URI: "x", DATABASE_URL: "postgres://db/byo" },
    { HOSTS: "x", POST: "x", SPORT: "x", HOSTNAME: "x", PATH: "x", LOG: "x", DATA: "x", BYO_URL: "x" },
    {
      LICENSE_KEY: "x",
      DB_URL: "x",
      API_KEY: "x",
      SSH_AUTH_SOCK: "x",
      SSL_CERT_FILE: "x",
      NODE_OPTIONS: "x",
      npm_config_cache: "x",
    },
  ])("takes no other program's variables for misspelled ones: %j", (env) => {
    expect(() => readEnv(env)).not.toThrow();
  });

  it("reports everything at once and shows no secret", () => {
    const secret = "hunter2";
    const message = refusal({
      PORT: "x",
      DATABASE_URL: secret,
      ENCRYPTION_KEY: secret,
      ENCRYPTION_KEY_PREVIOUS: secret,
      INITIAL_INTEGRATION_KEY: secret,
      METRICS_TOKEN: secret,
    });
    expect(message.split("\n")).toHaveLength(6);
    expect(message).not.toContain(secret);
  });

  describe("a secret from a file", () => {
    let folder: string;
    const file = (text: string) => {
      const path = join(folder, "secret");
      writeFileSync(path, text);
      return path;
    };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "byo-secrets-"));
      return () => rmSync(folder, { recursive: true });
    });

    it("is what the variable would be, without the line break at its end", () => {
      for (const end of ["", "\n", "\r\n"]) {
        expect(readEnv({ METRICS_TOKEN_FILE: file(`a-token-of-twenty-characters${end}`) }).metricsToken).toBe(
          "a-token-of-twenty-characters",
        );
      }
      const settings = readEnv({ DATABASE_URL_FILE: file("postgres://byo:hunter2@db/byo\n"), PGSSLMODE: "require" });
      expect(settings.databaseUrl).toBe("postgres://byo:hunter2@db/byo?sslmode=require");
    });

    it("stops the start if it is missing, empty, wrong, or given twice, and is never shown", () => {
      const missing = join(folder, "missing");
      expect(refusal({ ENCRYPTION_KEY_FILE: missing })).toContain(
        `ENCRYPTION_KEY_FILE: ${missing} cannot be read (ENOENT)`,
      );
      expect(refusal({ ENCRYPTION_KEY_FILE: folder })).toContain("cannot be read (EISDIR)");
      expect(refusal({ DATABASE_URL_FILE: file("\n") })).toContain("but it is empty");
      const wrong = refusal({ ENCRYPTION_KEY_FILE: file("hunter2") });
      expect(wrong).toMatch(/^ENCRYPTION_KEY: expected 32 bytes as base64/);
      expect(wrong).not.toContain("hunter2");
      expect(refusal({ ENCRYPTION_KEY: KEY, ENCRYPTION_KEY_FILE: file(KEY) })).toContain("ENCRYPTION_KEY is set too");
    });

    it("is named right, or the start says so", () => {
      expect(refusal({ DATABASE_URL_FLIE: "/run/secrets/url" })).toContain("rename it to DATABASE_URL_FILE");
    });
  });

  it("requires a key that cannot be guessed, even on loopback", () => {
    const weak = ["api_dev", `api_${"a".repeat(64)}`, `api_${"changeme".repeat(8)}`, `api_${"0123456789".repeat(3)}`];
    for (const key of weak) {
      for (const HOST of [undefined, "127.0.0.1", "localhost", "0.0.0.0", "::", "192.0.2.1", "sidecar.internal"]) {
        const message = refusal({ HOST, INITIAL_INTEGRATION_KEY: key });
        expect(message).toMatch(/^INITIAL_INTEGRATION_KEY: expected "api_" and then 32 or more random letters/);
        expect(message).not.toContain(key);
      }
    }
    const hex = `api_${randomBytes(16).toString("hex")}`;
    for (const key of [RANDOM_INTEGRATION_KEY, hex]) {
      expect(readEnv({ HOST: "0.0.0.0", INITIAL_INTEGRATION_KEY: key }).initialIntegrationKey).toBe(key);
    }
  });
});

describe("isDashboardForThisMachine", () => {
  const RANDOM = { INITIAL_INTEGRATION_KEY: RANDOM_INTEGRATION_KEY };

  it.each<NodeJS.ProcessEnv>([
    {},
    { HOST: "::1" },
    { HOST: "::ffff:127.0.0.1" },
    { HOST: "0.0.0.0", PUBLISHED_ON_LOOPBACK: "on" },
    { HOST: "0.0.0.0", DASHBOARD_PORT: "3000", DASHBOARD_HOST: "127.0.0.1" },
  ])("with %j", (env) => expect(isDashboardForThisMachine(readEnv({ ...RANDOM, ...env }))).toBe(true));

  it.each<NodeJS.ProcessEnv>([
    { HOST: "0.0.0.0" },
    { HOST: "::" },
    { HOST: "192.0.2.1" },
    { HOST: "sidecar.internal" },
    { HOST: "0.0.0.0", DASHBOARD_PORT: "3000" },
    { DASHBOARD_PORT: "3000", DASHBOARD_HOST: "0.0.0.0" },
    { DASHBOARD_ORIGIN: "https://sessions.example.com" },
    { DASHBOARD_ORIGIN: "http://localhost:8080" },
    { DASHBOARD_ORIGIN: "https://sessions.example.com", HOST: "0.0.0.0", PUBLISHED_ON_LOOPBACK: "on" },
  ])("not with %j", (env) => expect(isDashboardForThisMachine(readEnv({ ...RANDOM, ...env }))).toBe(false));
});

describe("isLoopback", () => {
  it.each(["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"])(
    "of %s",
    (host) => expect(isLoopback(host)).toBe(true),
  );
  it.each(["0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "localhost.evil.test", "127.0.0.1.evil.test", "fe80::1"])(
    "not of %s",
    (host) => expect(isLoopback(host)).toBe(false),
  );
});
