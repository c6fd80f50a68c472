import { requestsTo } from "../app-requests.ts";
import { BARE, CONTESTANTS, type Contestant, OURS } from "../contestants.ts";
import { clientOf, repeatAt, repeatFor } from "../drive.ts";
import { CAN_PACE, loadAt, putUnderLoad } from "../load.ts";
import { startContestant } from "../measure.ts";
import type { Options } from "../options.ts";
import type { Server, Servers } from "../servers.ts";
import { median, quantile } from "../statistics.ts";

export interface Latency {
  name: string;
  /** One validation after the other. */
  idleP50Ms: number;
  peakPerSec: number;
  /** At half of the peak, at a steady rate. */
  halfPeakP99Ms: number;
}

/** What somebody waits for. */
interface Waiting {
  name: string;
  ask(): Promise<void>;
  /** As much as goes, per second. */
  peak(secs: number): Promise<number>;
  /** How long each takes at a steady rate, in milliseconds. */
  paced(perSec: number, secs: number): Promise<number[]>;
  end(): Promise<void>;
}

const SESSIONS = 512;
const AT_ONCE = 64;
const IDLE_SECS = 1;

/** How long an application waits for a validation, by a client in this process, and a user for a protected page. */
export async function measureLatency(servers: Servers, options: Options): Promise<Latency[]> {
  const { default: byDefault, "cache-off": cacheOff } = servers.sidecars;
  const ours = CONTESTANTS.find(({ name }) => name === OURS);
  if (!ours) throw new Error(`there is no contestant ${OURS}`);
  const all: Latency[] = [];
  for (const start of [
    () => startValidations(OURS, byDefault, servers),
    () => startValidations(`${OURS}, session cache off`, cacheOff, servers),
    () => startPages(BARE, "GET /me of bare Express", servers, options),
    () => startPages(ours, "GET /me of an Express application, held", servers, options),
  ]) {
    const waiting = await start();
    all.push(await measureOne(waiting, options));
    await waiting.end();
    console.error(JSON.stringify(all.at(-1)));
  }
  return all;
}

async function startValidations(name: string, sidecar: Server, servers: Servers): Promise<Waiting> {
  const { session, close } = clientOf(sidecar, servers);
  const tokens: string[] = [];
  for (let user = 0; user < SESSIONS; user++) {
    tokens.push((await session.create({ userId: crypto.randomUUID() })).getOrThrow().sessionToken);
  }
  let next = 0;
  const ask = async () =>
    void (await session.validateAndRefresh({ sessionToken: tokens[next++ % SESSIONS] ?? "" })).getOrThrow();
  return { name: `a validation by the client, ${name}`, ask, ...byThisProcess(ask), end: close };
}

async function startPages(contestant: Contestant, name: string, servers: Servers, options: Options): Promise<Waiting> {
  const { app, cookies } = await startContestant(contestant, servers, { ...options, sessions: SESSIONS });
  const requests = requestsTo(app.url);
  let next = 0;
  const ask = async () => {
    const status = await requests.statusOf(cookies[next++ % cookies.length] ?? "");
    if (status !== 200) throw new Error(`expected a session, but the answer was ${status}`);
  };
  const page = `${app.url}/me`;
  const byOthers = {
    async peak(secs: number) {
      const { done, secs: lasted } = await putUnderLoad(page, cookies, secs);
      return done / lasted;
    },
    paced: (perSec: number, secs: number) => loadAt(page, cookies[0] ?? "", perSec, secs),
  };
  return {
    name,
    ask,
    // This process collects its own garbage for up to 30 ms, which the application has no part in.
    ...(CAN_PACE ? byOthers : byThisProcess(ask)),
    async end() {
      await requests.close();
      await app.stop();
    },
  };
}

function byThisProcess(ask: () => Promise<void>): Pick<Waiting, "peak" | "paced"> {
  return {
    peak: (secs) => repeatFor(secs, AT_ONCE, ask),
    paced: (perSec, secs) => repeatAt(perSec, secs, ask),
  };
}

async function measureOne({ name, ask, peak, paced }: Waiting, options: Options): Promise<Latency> {
  const repeats: Omit<Latency, "name">[] = [];
  await peak(options.warmUpSecs);
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const idleMs: number[] = [];
    await repeatFor(IDLE_SECS, 1, async () => {
      const start = performance.now();
      await ask();
      idleMs.push(performance.now() - start);
    });
    const peakPerSec = await peak(options.secs / 2);
    const halfMs = await paced(peakPerSec / 2, options.secs);
    repeats.push({ idleP50Ms: quantile(idleMs, 0.5), peakPerSec, halfPeakP99Ms: quantile(halfMs, 0.99) });
  }
  const of = (pick: (each: Omit<Latency, "name">) => number) => median(repeats.map(pick));
  return {
    name,
    idleP50Ms: of((each) => each.idleP50Ms),
    peakPerSec: of((each) => each.peakPerSec),
    halfPeakP99Ms: of((each) => each.halfPeakP99Ms),
  };
}
