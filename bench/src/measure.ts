import autocannon from "autocannon";
import type { Contestant } from "./contestants.ts";
import type { Options } from "./options.ts";
import { type App, cpuOfTrees, startApp, stolenTime } from "./processes.ts";
import { DATABASES, type Servers } from "./servers.ts";

/** A contestant that runs, with sessions that are logged in. */
export interface Running {
  contestant: Contestant;
  app: App;
  cookies: readonly string[];
}

/** What one slice of time under full load came to. */
export interface Slice {
  perSec: number;
  /** CPU microseconds per request, user and system time as the operating system counts it. */
  appUs: number;
  sidecarUs: number;
  storeUs: number;
  /** Of the machine's time, taken by other machines on its host. */
  stolen: number;
}

const CONNECTIONS = 32;
const WARM_UP_SECS = 0.5;
/** Of a browser, so that what is compared at each request is of a usual length. */
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const HEADERS = { "user-agent": USER_AGENT, "sec-fetch-site": "same-origin" };

export async function startContestant(
  contestant: Contestant,
  servers: Servers,
  { profile, sessions }: Pick<Options, "profile" | "sessions">,
): Promise<Running> {
  const app = await startApp(contestant.file, environmentOf(contestant, servers), profile);
  const cookies: string[] = [];
  while (cookies.length < sessions) {
    const logins = Array.from({ length: CONNECTIONS }, () => logIn(`${app.url}${contestant.prefix ?? ""}/login`));
    cookies.push(...(await Promise.all(logins)));
  }
  return { contestant, app, cookies };
}

function environmentOf({ file, env, sidecar }: Contestant, servers: Servers): Record<string, string> {
  const database = file === "better-auth.ts" ? DATABASES.betterAuth : DATABASES.peers;
  return {
    DATABASE_URL: servers.postgres.urlOf(database),
    ...(servers.redis && { REDIS_URL: servers.redis.url }),
    ...(sidecar && { BYO_URL: servers.sidecars[sidecar].url, BYO_INTEGRATION_KEY: servers.integrationKey }),
    ...env,
  };
}

/** One slice under full load, each connection with sessions of its own. */
export async function measure({ contestant, app, cookies }: Running, secs: number, servers: Servers): Promise<Slice> {
  const path = `${contestant.prefix ?? ""}/me`;
  const requests = cookies.map((cookie) => ({ method: "GET" as const, path, headers: { ...HEADERS, cookie } }));
  return measureLoad(contestant, app, requests, secs, servers);
}

async function measureLoad(
  contestant: Contestant,
  app: App,
  requests: readonly autocannon.Request[],
  secs: number,
  servers: Servers,
): Promise<Slice> {
  await load(app, requests, WARM_UP_SECS);
  const { sidecar, uses = [] } = contestant;
  const pids = [
    app.pid,
    sidecar ? servers.sidecars[sidecar].pid : -1,
    uses.includes("postgres") ? servers.postgres.pid : -1,
    uses.includes("redis") ? (servers.redis?.pid ?? -1) : -1,
  ];
  const [cpuBefore, stolenBefore] = [cpuOfTrees(pids), stolenTime()];
  const result = await load(app, requests, secs);
  const [cpuAfter, stolenAfter] = [cpuOfTrees(pids), stolenTime()];
  const done = result["2xx"];
  if (result.non2xx > 0 || result.errors > 0 || done === 0) {
    const statuses = JSON.stringify(result.statusCodeStats);
    throw new Error(`${contestant.name}: not all requests went well: ${statuses}, ${result.errors} errors`);
  }
  const us = (index: number) => (((cpuAfter[index] ?? 0) - (cpuBefore[index] ?? 0)) * 1e6) / done;
  return {
    perSec: done / result.duration,
    appUs: us(0),
    sidecarUs: us(1),
    storeUs: us(2) + us(3),
    stolen: (stolenAfter.stolen - stolenBefore.stolen) / Math.max(1, stolenAfter.total - stolenBefore.total),
  };
}

function load(app: App, requests: readonly autocannon.Request[], duration: number) {
  let clients = 0;
  return autocannon({
    url: app.url,
    connections: CONNECTIONS,
    duration,
    setupClient(client) {
      const own = requests.filter((_, index) => index % CONNECTIONS === clients % CONNECTIONS);
      client.setRequests(own.length > 0 ? own : [...requests]);
      clients++;
    },
  });
}

async function logIn(url: string): Promise<string> {
  const response = await fetch(url, { method: "POST", headers: HEADERS });
  const cookies = response.headers.getSetCookie();
  if (!response.ok || cookies.length === 0) throw new Error(`the log-in answered ${response.status} without a cookie`);
  return cookies.map((cookie) => cookie.slice(0, cookie.indexOf(";"))).join("; ");
}
