import { requestsTo } from "../app-requests.ts";
import { CONTESTANTS, OURS } from "../contestants.ts";
import { clientOf, repeatAt, repeatFor } from "../drive.ts";
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
  end(): Promise<void>;
}

const SESSIONS = 512;
const AT_ONCE = 64;
const IDLE_SECS = 1;

/** How long an application waits for a validation, by a client in this process, and a user for a protected page. */
export async function measureLatency(servers: Servers, options: Options): Promise<Latency[]> {
  const { default: byDefault, "cache-off": cacheOff } = servers.sidecars;
  const all: Latency[] = [];
  for (const start of [
    () => startValidations(OURS, byDefault, servers),
    () => startValidations(`${OURS}, session cache off`, cacheOff, servers),
    () => startPages(servers, options),
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
  return {
    name: `a validation by the client, ${name}`,
    async ask() {
      (await session.validateAndRefresh({ sessionToken: tokens[next++ % SESSIONS] ?? "" })).getOrThrow();
    },
    end: close,
  };
}

async function startPages(servers: Servers, options: Options): Promise<Waiting> {
  const contestant = CONTESTANTS.find(({ name }) => name === OURS);
  if (!contestant) throw new Error(`there is no contestant ${OURS}`);
  const { app, cookies } = await startContestant(contestant, servers, { ...options, sessions: SESSIONS });
  const requests = requestsTo(app.url);
  let next = 0;
  return {
    name: "GET /me of an Express application, held",
    async ask() {
      const status = await requests.statusOf(cookies[next++ % cookies.length] ?? "");
      if (status !== 200) throw new Error(`expected a session, but the answer was ${status}`);
    },
    async end() {
      await requests.close();
      await app.stop();
    },
  };
}

async function measureOne({ name, ask }: Waiting, options: Options): Promise<Latency> {
  const repeats: Omit<Latency, "name">[] = [];
  await repeatFor(IDLE_SECS, AT_ONCE, ask);
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const idleMs: number[] = [];
    await repeatFor(IDLE_SECS, 1, async () => {
      const start = performance.now();
      await ask();
      idleMs.push(performance.now() - start);
    });
    const peakPerSec = await repeatFor(options.secs / 2, AT_ONCE, ask);
    const halfMs = await repeatAt(peakPerSec / 2, options.secs, ask);
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
