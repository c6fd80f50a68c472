import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import autocannon from "autocannon";
import { isInstalled } from "./processes.ts";

export const CONNECTIONS = 32;
/** A browser's, so that what is compared at each request has a realistic length. */
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
export const HEADERS = { "user-agent": USER_AGENT, "sec-fetch-site": "same-origin" };

/** The responses during the load. */
export interface Answered {
  done: number;
  secs: number;
  /** Responses that were not 2xx, and requests without a response. */
  bad: number;
}

/**
 * The load generator. wrk (the Debian package of that name) uses a tenth of autocannon's CPU, which matters because
 * app, sidecar and database share the machine with it.
 */
export const GENERATOR = isInstalled("wrk") ? "wrk" : "autocannon";

/** Full load on a page, over kept-alive connections, rotating through the cookies. */
export function putUnderLoad(url: string, cookies: readonly string[], secs: number): Promise<Answered> {
  return GENERATOR === "wrk" ? loadByWrk(url, cookies, secs) : loadByAutocannon(url, cookies, secs);
}

const SCRIPT = fileURLToPath(new URL("wrk.lua", import.meta.url));

async function loadByWrk(url: string, cookies: readonly string[], secs: number): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), "byo-bench-"));
  try {
    const file = join(folder, "cookies");
    await writeFile(file, cookies.join("\n"));
    const duration = `${Math.max(1, Math.round(secs))}s`;
    const flags = [
      "-t1",
      `-c${CONNECTIONS}`,
      `-d${duration}`,
      "--timeout",
      "10s",
      "-s",
      SCRIPT,
      url,
      "--",
      file,
      USER_AGENT,
    ];
    const { stdout } = await promisify(execFile)("wrk", flags);
    const { done, us, refused, failed } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    return { done: done - refused, secs: us / 1e6, bad: refused + failed };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function loadByAutocannon(url: string, cookies: readonly string[], secs: number): Promise<Answered> {
  const { origin, pathname } = new URL(url);
  const requests = cookies.map((cookie) => ({
    method: "GET" as const,
    path: pathname,
    headers: { ...HEADERS, cookie },
  }));
  let clients = 0;
  const result = await autocannon({
    url: origin,
    connections: CONNECTIONS,
    duration: secs,
    setupClient(client) {
      const own = requests.filter((_, index) => index % CONNECTIONS === clients % CONNECTIONS);
      client.setRequests(own.length > 0 ? own : [...requests]);
      clients++;
    },
  });
  return { done: result["2xx"], secs: result.duration, bad: result.non2xx + result.errors };
}

/** h2load begins the requests of all connections at the same moment, so more of them would be a larger burst each time. */
const PACED_CONNECTIONS = 64;

/** Whether `loadAt` can work: h2load is in the Debian package nghttp2-client. */
export const CAN_PACE = isInstalled("h2load");

/** Requests at a steady rate. Returns how long each took, in milliseconds. */
export async function loadAt(url: string, cookie: string, perSec: number, secs: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), "byo-bench-"));
  try {
    const log = join(folder, "log");
    const ofEach = (perSec / PACED_CONNECTIONS).toFixed(2);
    const headers = Object.entries({ ...HEADERS, cookie }).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const flags = ["--h1", `-c${PACED_CONNECTIONS}`, `--rps=${ofEach}`, `-D${Math.ceil(secs)}`, `--log-file=${log}`];
    await promisify(execFile)("h2load", [...flags, ...headers, url]);
    // When it was sent, the status, how long it took in microseconds.
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    const answers = lines.map((line) => line.split("\t").map(Number));
    const failed = answers.filter(([, status]) => status !== 200).length;
    if (failed > 0) throw new Error(`${url}: ${failed} of ${answers.length} requests failed`);
    return answers.map(([, , us = Number.NaN]) => us / 1000);
  } finally {
    await rm(folder, { recursive: true });
  }
}
