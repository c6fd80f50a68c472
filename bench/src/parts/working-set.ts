import { requestsTo } from "../app-requests.ts";
import { CONTESTANTS, OURS } from "../contestants.ts";
import { repeatAt } from "../drive.ts";
import { type Running, startContestant } from "../measure.ts";
import type { Options } from "../options.ts";
import { cpuOfTrees } from "../processes.ts";
import type { Servers } from "../servers.ts";
import { quantile } from "../statistics.ts";

/** What requests cost, by how often a session is used: at a steady rate, each of any of the sessions. */
export interface WorkingSet {
  server: string;
  /** Of each session. */
  requestsPerMinute: number;
  sessions: number;
  /** The share of the requests that were answered by what the process holds. */
  hitShare: number;
  appUs: number;
  sidecarUs: number;
  postgresUs: number;
  p99Ms: number;
}

const PER_SEC = 200;
const SIZES = [1, 10, 100].map((requestsPerMinute) => ({ name: OURS, requestsPerMinute }));
const COMPARED = { name: `${OURS}, nothing held`, requestsPerMinute: 100 };
/** As long as an answer is held: then as many holds end as begin. */
const SETTLING_SECS = 10;
/** How many slices of the other parts this lasts: few requests a second use little CPU, which is counted in ticks. */
const SLICES = 8;

/** The hit share and the cost of working sets of different sizes. */
export async function measureWorkingSet(servers: Servers, options: Options): Promise<WorkingSet[]> {
  const measured: WorkingSet[] = [];
  for (const each of [...SIZES, COMPARED]) {
    const contestant = CONTESTANTS.find(({ name }) => name === each.name);
    if (!contestant) throw new Error(`there is no contestant ${each.name}`);
    const sessions = Math.ceil((PER_SEC * 60) / each.requestsPerMinute);
    const running = await startContestant(contestant, servers, { ...options, sessions });
    try {
      measured.push({
        server: each.name,
        requestsPerMinute: each.requestsPerMinute,
        sessions,
        ...(await measureOne(running, servers, options.secs * SLICES)),
      });
    } finally {
      await running.app.stop();
    }
    console.error(JSON.stringify(measured.at(-1)));
  }
  return measured;
}

type Measured = Omit<WorkingSet, "server" | "requestsPerMinute" | "sessions">;

async function measureOne({ app, cookies }: Running, servers: Servers, secs: number): Promise<Measured> {
  const requests = requestsTo(app.url);
  const ask = async () => {
    const status = await requests.statusOf(cookies[Math.floor(Math.random() * cookies.length)] ?? "");
    if (status !== 200) throw new Error(`expected a session, but the answer was ${status}`);
  };
  const pids = [app.pid, servers.sidecars.default.pid, servers.postgres.pid];
  await repeatAt(PER_SEC, SETTLING_SECS, ask);
  const [cpuBefore, servedBefore] = [cpuOfTrees(pids), await requests.served()];
  const tookMs = await repeatAt(PER_SEC, secs, ask);
  const [cpuAfter, servedAfter] = [cpuOfTrees(pids), await requests.served()];
  await requests.close();
  const us = (index: number) => (((cpuAfter[index] ?? 0) - (cpuBefore[index] ?? 0)) * 1e6) / tookMs.length;
  return {
    hitShare: (servedAfter - servedBefore) / tookMs.length,
    appUs: us(0),
    sidecarUs: us(1),
    postgresUs: us(2),
    p99Ms: quantile(tookMs, 0.99),
  };
}
