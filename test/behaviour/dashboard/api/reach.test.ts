import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { rawExchange } from "../../../proofs/security/raw-http.ts";
import { createConfigFolder } from "../../sidecar/config-folder.ts";
import { HAS_IPV6, outsideAddress, type Probe, statusOf, type WayIn, waysOver } from "./ways-in.ts";

const ORIGIN = "https://sessions.example.com";

const OUR_NAMES = ["localhost", "127.0.0.1", "[::1]:2884"];
const ORIGIN_NAMES = ["sessions.example.com", "sessions.example.com:443"];
const OTHER_NAMES = ["evil.test", "sessions.example.com:8443", "0.0.0.0:2884"];

/** What proxies add, and what somebody adds who wants to be taken for this machine. */
const FORWARDED: Record<string, string>[] = [
  { "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost" },
  { "x-forwarded-host": "sessions.example.com" },
  { forwarded: 'for="[::1]";host=localhost' },
];
const PLAIN: Record<string, string>[] = [{}, { origin: "http://localhost", "x-request-id": "localhost" }];

const DASHBOARD: Probe[] = [
  { method: "GET", path: "/", headers: { accept: "text/html" } },
  { method: "GET", path: "/sessions/1", headers: { accept: "text/html" } },
  { method: "GET", path: "/dashboard-api/access/state", headers: { "sec-fetch-site": "same-origin" } },
  {
    method: "POST",
    path: "/dashboard-api/access/login",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/json" },
    body: "{}",
  },
];
const METRICS: Probe = { method: "GET", path: "/metrics" };

let database: TestDatabase;
let socketPath: string;

beforeAll(async () => {
  database = await createTestDatabase();
  socketPath = join(await mkdtemp(join(tmpdir(), "byo-reach-")), "sidecar.sock");
});

interface Attempt {
  way: WayIn;
  host: string;
  isForwarded: boolean;
}

const isOurName = ({ host }: Attempt) => OUR_NAMES.includes(host);
const isOrigin = ({ host }: Attempt) => ORIGIN_NAMES.includes(host);
const isLocal = (attempt: Attempt) => attempt.way.isLocal && isOurName(attempt) && !attempt.isForwarded;
const isOverPort = (attempt: Attempt) => !attempt.way.isSocket && isOurName(attempt) && !attempt.isForwarded;

interface Setting {
  said: string;
  env: Record<string, string>;
  /** Everything else is refused. */
  dashboard: (attempt: Attempt) => boolean;
  metrics: (attempt: Attempt) => boolean;
}

const SETTINGS: Setting[] = [
  { said: "nothing", env: {}, dashboard: isLocal, metrics: isLocal },
  {
    said: "DASHBOARD_ORIGIN",
    env: { DASHBOARD_ORIGIN: ORIGIN },
    dashboard: (attempt) => isLocal(attempt) || isOrigin(attempt),
    metrics: isLocal,
  },
  {
    said: "DASHBOARD_ORIGIN on loopback",
    env: { DASHBOARD_ORIGIN: "http://127.0.0.1" },
    dashboard: (attempt) =>
      isLocal(attempt) || (attempt.way.isLocal && attempt.isForwarded && attempt.host === "127.0.0.1"),
    metrics: isLocal,
  },
  { said: "PUBLISHED_ON_LOOPBACK", env: { PUBLISHED_ON_LOOPBACK: "on" }, dashboard: isOverPort, metrics: isOverPort },
  { said: "DASHBOARD_PORT", env: { DASHBOARD_PORT: "0" }, dashboard: isOverPort, metrics: isLocal },
  {
    said: "DASHBOARD_PORT with DASHBOARD_ORIGIN",
    env: { DASHBOARD_PORT: "0", DASHBOARD_ORIGIN: ORIGIN },
    dashboard: (attempt) => isOverPort(attempt) || (isOrigin(attempt) && !attempt.way.isSocket),
    metrics: isLocal,
  },
];

describe("who reaches the dashboard and the metrics", () => {
  const listeners = HAS_IPV6 ? ["0.0.0.0", "::"] : ["0.0.0.0"];
  const cases = SETTINGS.flatMap((setting) => listeners.map((HOST) => ({ ...setting, HOST })));

  it.each(cases)("on $HOST, where the operator has said $said", async ({ HOST, env, dashboard, metrics }) => {
    const sidecar = await startTestSidecar({ database, env: { HOST, SOCKET_PATH: socketPath, ...env } });
    const [port, dashboardPort] = [sidecar.url, sidecar.dashboardUrl].map((url) => Number(new URL(url).port));
    const ways: WayIn[] = [
      ...waysOver("IPv4"),
      ...(HOST === "::" ? waysOver("IPv6") : []),
      { name: "the Unix socket", isLocal: false, isSocket: true, connect: { socketPath } },
    ];
    const expected: string[] = [];
    const answered: string[] = [];

    for (const way of ways) {
      for (const host of [...OUR_NAMES, ...ORIGIN_NAMES, ...OTHER_NAMES]) {
        for (const headers of [...PLAIN, ...FORWARDED]) {
          const attempt = { way, host, isForwarded: FORWARDED.includes(headers) };
          const name = `${way.name}, Host: ${host}, ${JSON.stringify(headers)}`;
          const send = (probe: Probe, to: number | undefined) =>
            statusOf(way, to ?? 0, host, { ...probe, headers: { ...probe.headers, ...headers } });
          if (dashboard(attempt)) expected.push(`the dashboard: ${name}`);
          if (metrics(attempt)) expected.push(`the metrics: ${name}`);
          const statuses = await Promise.all(DASHBOARD.map((probe) => send(probe, dashboardPort)));
          const given = statuses.join();
          // The socket belongs to the API, and where the dashboard has a port of its own, it is on no other.
          const refused = env.DASHBOARD_PORT && way.isSocket ? "404,404,404,404" : "421,421,421,421";
          if (given !== refused) answered.push(`the dashboard: ${name}`);
          if (given !== refused) expect([name, given]).toEqual([name, "200,200,200,400"]);
          const ofMetrics = await send(METRICS, port);
          if (ofMetrics !== 401) answered.push(`the metrics: ${name}`);
          if (ofMetrics !== 401) expect([name, ofMetrics]).toEqual([name, 200]);
        }
      }
    }
    expect(answered).toEqual(expected);
    // What is for programs is open to all.
    for (const way of ways)
      expect(await statusOf(way, port ?? 0, "evil.test", { method: "GET", path: "/healthz" })).toBe(200);
    await sidecar.stop();
  });
});

const ADDED_BY_PROXIES = [
  ...["x-forwarded-for", "x-forwarded-proto", "X-Forwarded-Server", "x-forwarded-client-cert", "forwarded", "via"],
  ...["x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "cdn-loop", "fastly-client-ip"],
  ...["x-envoy-external-address", "x-original-url", "x-amzn-trace-id", "x-azure-clientip"],
];

const HERE = { connect: { host: "127.0.0.1", localAddress: "127.0.0.1" } };

describe("a request from this machine", () => {
  const page: Probe = { method: "GET", path: "/", headers: { accept: "text/html" } };

  it("counts under each name that only this machine can have", async () => {
    const sidecar = await startTestSidecar({ database });
    const port = Number(new URL(sidecar.url).port);
    for (const host of ["LOCALHOST:1", "127.9.9.9", "[::1]", "[0:0:0:0:0:0:0:1]:80", "[::ffff:127.0.0.1]"]) {
      expect([host, await statusOf(HERE, port, host, page)]).toEqual([host, 200]);
    }
    const others = ["localhost.evil.test", "127.0.0.1.nip.io", "localhost.", "app.localhost", "128.0.0.1", "[::]"];
    for (const host of [...others, "[fe80::1]", outsideAddress("IPv4"), "x@localhost", "localhost:99999", "a b"]) {
      expect([host, await statusOf(HERE, port, host, page)]).toEqual([host, 421]);
      expect([host, await statusOf(HERE, port, host, METRICS)]).toEqual([host, 401]);
    }
    await sidecar.stop();
  });

  it("is refused with any header that proxies add, whatever it says", async () => {
    const sidecar = await startTestSidecar({ database });
    const port = Number(new URL(sidecar.url).port);
    for (const name of ADDED_BY_PROXIES) {
      const headers = { ...page.headers, [name]: "" };
      expect([name, await statusOf(HERE, port, "localhost", { ...page, headers })]).toEqual([name, 421]);
      expect([name, await statusOf(HERE, port, "localhost", { ...METRICS, headers })]).toEqual([name, 401]);
    }
    await sidecar.stop();
  });
});

describe("a request from this machine that is read in two ways", () => {
  const call = "/dashboard-api/access/state";
  const rest = "Sec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n";

  it.each([
    ["is plain", `GET ${call} HTTP/1.1\r\nHost: localhost\r\n${rest}`, 200],
    ["names two servers", `GET ${call} HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n${rest}`, 421],
    ["names one twice", `GET ${call} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n${rest}`, 421],
    ["names another one in its target", `GET http://evil.test${call} HTTP/1.1\r\nHost: localhost\r\n${rest}`, 421],
    ["is made as for a proxy", `GET http://localhost${call} HTTP/1.1\r\nHost: localhost\r\n${rest}`, 421],
    ["is of nginx as it comes", `GET ${call} HTTP/1.0\r\nHost: localhost\r\n${rest}`, 421],
    ["names nobody", `GET ${call} HTTP/1.1\r\nHost:\r\n${rest}`, 421],
    ["has no name in it", `GET ${call} HTTP/1.0\r\n${rest}`, 421],
  ])("%s", async (_name, bytes, status) => {
    const sidecar = await startTestSidecar({ database });
    const [answer] = await rawExchange(sidecar.url, bytes);
    expect(answer?.status).toBe(status);
    const [metrics] = await rawExchange(sidecar.url, bytes.replace(call, "/metrics"));
    expect(metrics?.status).toBe(status === 200 ? 200 : 401);
    await sidecar.stop();
  });
});

it("a header of which the configuration says that a proxy sets it is that of a proxy", async () => {
  const sidecar = await startTestSidecar();
  const probe = { method: "GET", path: "/", headers: { accept: "text/html", "X-Our-Edge": "198.51.100.7" } };
  const port = Number(new URL(sidecar.url).port);
  expect(await statusOf(HERE, port, "localhost", probe)).toBe(200);
  const where = { use_ip_directly: false, header_with_ip: "X-Our-Edge", trusted_count: 1 };
  const config = { where_to_find_ip: { ...where, strategy_to_select_ip_from_header: "skip_count" } };
  await sidecar.writeConfig(config, "system_config.jsonc");
  await expect.poll(() => statusOf(HERE, port, "localhost", probe)).toBe(421);
  expect(await statusOf(HERE, port, "localhost", { ...probe, path: "/metrics" })).toBe(401);
  await sidecar.stop();
});

it("METRICS_TOKEN opens the metrics from anywhere, and is needed on this machine too", async () => {
  const METRICS_TOKEN = "0123456789abcdef0123456789abcdef";
  const sidecar = await startTestSidecar({ database, env: { HOST: "0.0.0.0", METRICS_TOKEN } });
  const port = Number(new URL(sidecar.url).port);
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  for (const way of waysOver("IPv4")) {
    for (const host of ["localhost", "sidecar.internal"]) {
      expect(await statusOf(way, port, host, { ...METRICS, headers })).toBe(200);
      expect(await statusOf(way, port, host, METRICS)).toBe(401);
    }
  }
  await sidecar.stop();
});

describe("DASHBOARD_ORIGIN with addresses that are taken from connections", () => {
  const warning = /behind a proxy everyone has the proxy's address.*where_to_find_ip in system_config\.jsonc/;

  it("is warned of at the start", async () => {
    const sidecar = await startTestSidecar({ database, env: { DASHBOARD_ORIGIN: ORIGIN } });
    expect(sidecar.logs()).toContainEqual(
      expect.objectContaining({ level: 40, origin: ORIGIN, msg: expect.stringMatching(warning) }),
    );
    await sidecar.stop();
  });

  it("is not where there is no origin, no dashboard, or the header is named", async () => {
    const named = { use_ip_directly: false, header_with_ip: "X-Forwarded-For", trusted_count: 0 };
    const { env } = await createConfigFolder({
      "session_config.jsonc": "{}",
      "system_config.jsonc": { where_to_find_ip: { ...named, strategy_to_select_ip_from_header: "skip_count" } },
    });
    const origin = { DASHBOARD_ORIGIN: ORIGIN };
    const database = await createTestDatabase();
    for (const variables of [{}, { ...origin, DASHBOARD: "off" }, { ...origin, ...env }]) {
      const sidecar = await startTestSidecar({ database, env: variables });
      expect(sidecar.logText()).not.toMatch(warning);
      await sidecar.stop();
    }
  });
});
