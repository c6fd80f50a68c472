import type { Contestant } from "./contestants.ts";
import { CONNECTIONS, HEADERS, putUnderLoad } from "./load.ts";
import type { Options } from "./options.ts";
import { type App, cpuOfTrees, startApp, stolenTime } from "./processes.ts";
import { DATABASES, type Servers } from "./servers.ts";

/** A running contestant, with logged-in sessions. */
export interface Running {
  contestant: Contestant;
  app: App;
  cookies: readonly string[];
}

/** The result of one time slice under full load. */
export interface Slice {
  perSec: number;
  /** CPU microseconds per request: user and system time as reported by the operating system. */
  appUs: number;
  sidecarUs: number;
  storeUs: number;
  /** The share of the machine's time taken by other machines on its host. */
  stolen: number;
}

const SETTLING_SECS = 1;

export async function startContestant(
  contestant: Contestant,
  servers: Servers,
  { profile, sessions }: Pick<Options, "profile" | "sessions">,
): Promise<Running> {
  const app = await startApp(contestant.file, environmentOf(contestant, servers), {
    folder: profile,
    name: contestant.name,
  });
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

/** Until the engine has compiled the hot code: its threads also count as CPU of the process. */
export async function warmUp({ contestant, app, cookies }: Running, secs: number): Promise<void> {
  await putUnderLoad(pageOf(contestant, app), cookies, secs);
}

/** One slice under full load, after a moment that does not count. */
export async function measure({ contestant, app, cookies }: Running, secs: number, servers: Servers): Promise<Slice> {
  const url = pageOf(contestant, app);
  await putUnderLoad(url, cookies, SETTLING_SECS);
  const { sidecar, uses = [] } = contestant;
  const pids = [
    app.pid,
    sidecar ? servers.sidecars[sidecar].pid : -1,
    uses.includes("postgres") ? servers.postgres.pid : -1,
    uses.includes("redis") ? (servers.redis?.pid ?? -1) : -1,
  ];
  const [cpuBefore, stolenBefore] = [cpuOfTrees(pids), stolenTime()];
  const { done, secs: lasted, bad } = await putUnderLoad(url, cookies, secs);
  const [cpuAfter, stolenAfter] = [cpuOfTrees(pids), stolenTime()];
  if (bad > 0 || done === 0) throw new Error(`${contestant.name}: ${done} requests succeeded, ${bad} failed`);
  const us = (index: number) => (((cpuAfter[index] ?? 0) - (cpuBefore[index] ?? 0)) * 1e6) / done;
  return {
    perSec: done / lasted,
    appUs: us(0),
    sidecarUs: us(1),
    storeUs: us(2) + us(3),
    stolen: (stolenAfter.stolen - stolenBefore.stolen) / Math.max(1, stolenAfter.total - stolenBefore.total),
  };
}

function pageOf({ prefix = "" }: Contestant, { url }: App): string {
  return `${url}${prefix}/me`;
}

async function logIn(url: string): Promise<string> {
  const response = await fetch(url, { method: "POST", headers: HEADERS });
  const cookies = response.headers.getSetCookie();
  if (!response.ok || cookies.length === 0) throw new Error(`the login answered ${response.status} without a cookie`);
  return cookies.map((cookie) => cookie.slice(0, cookie.indexOf(";"))).join("; ");
}
