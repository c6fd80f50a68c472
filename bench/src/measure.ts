import autocannon from "autocannon";
import type { Contestant } from "./contestants.ts";
import { type App, cpuOfTree, startApp, stolenTime } from "./processes.ts";

export interface Measured {
  requestsPerSec: number;
  /** CPU microseconds per request: user and system time, as the operating system counts it. */
  appCpuUs: number;
  sidecarCpuUs: number;
  postgresCpuUs: number;
  p50Ms: number;
  p99Ms: number;
  /** Of the machine's time, taken by other machines on its host. */
  stolen: number;
}

export interface Surroundings {
  env: Record<string, string>;
  postgresPid: number;
  sidecarPid: number;
}

const CONNECTIONS = 32;
const WARM_UP_SECS = 1;
/** Of a browser, so that what is compared at each request is of a usual length. */
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/** One slice: starts the app, logs in once for each connection, and puts it under full load. */
export async function measure(contestant: Contestant, secs: number, around: Surroundings): Promise<Measured> {
  const app = await startApp(contestant.file, { ...around.env, ...contestant.env });
  try {
    const cookies = await Promise.all(Array.from({ length: CONNECTIONS }, () => logIn(app)));
    await load(app, cookies, WARM_UP_SECS);
    const pids = [app.pid, around.sidecarPid, around.postgresPid];
    const cpuBefore = pids.map(cpuOfTree);
    const stolenBefore = stolenTime();
    const result = await load(app, cookies, secs);
    const [appCpu = 0, sidecarCpu = 0, postgresCpu = 0] = pids.map(
      (pid, index) => cpuOfTree(pid) - (cpuBefore[index] ?? 0),
    );
    const stolenAfter = stolenTime();
    const requests = result["2xx"];
    if (result.non2xx > 0 || result.errors > 0) {
      const statuses = JSON.stringify(result.statusCodeStats);
      throw new Error(`${contestant.name}: not all requests went well: ${statuses}, ${result.errors} errors`);
    }
    const perRequest = (cpuSecs: number) => (cpuSecs * 1e6) / requests;
    return {
      requestsPerSec: requests / result.duration,
      appCpuUs: perRequest(appCpu),
      sidecarCpuUs: contestant.needs.sidecar ? perRequest(sidecarCpu) : 0,
      postgresCpuUs: contestant.needs.postgres ? perRequest(postgresCpu) : 0,
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      stolen: (stolenAfter.stolen - stolenBefore.stolen) / (stolenAfter.total - stolenBefore.total),
    };
  } finally {
    await app.stop();
  }
}

function load(app: App, cookies: readonly string[], duration: number) {
  let next = 0;
  return autocannon({
    url: `http://127.0.0.1:${app.port}/me`,
    connections: CONNECTIONS,
    duration,
    setupClient: (client) =>
      client.setHeaders({ cookie: cookies[next++ % cookies.length] ?? "", "user-agent": USER_AGENT }),
  });
}

async function logIn(app: App): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${app.port}/login`, {
    method: "POST",
    headers: { "user-agent": USER_AGENT },
  });
  const [cookie] = response.headers.getSetCookie();
  if (!response.ok || !cookie) throw new Error(`the log-in answered ${response.status} without a cookie`);
  return cookie.slice(0, cookie.indexOf(";"));
}
