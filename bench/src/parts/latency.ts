import { clientOf, repeatAt, repeatFor } from "../drive.ts";
import type { Options } from "../options.ts";
import type { Servers } from "../servers.ts";
import { median, quantile } from "../statistics.ts";

export interface Latency {
  name: string;
  /** One validation after the other. */
  idleP50Ms: number;
  peakPerSec: number;
  /** At half of the peak, at a steady rate. */
  halfPeakP99Ms: number;
}

const SESSIONS = 512;
const AT_ONCE = 64;
const IDLE_SECS = 1;

/** How long an application waits for a validation, by the client in this process. */
export async function measureLatency(servers: Servers, options: Options): Promise<Latency[]> {
  const all: Latency[] = [];
  for (const [name, sidecar] of [
    ["byo-session", servers.sidecars.default],
    ["byo-session, session cache off", servers.sidecars["cache-off"]],
  ] as const) {
    const client = clientOf(sidecar, servers);
    const tokens: string[] = [];
    for (let user = 0; user < SESSIONS; user++) {
      tokens.push((await client.session.create({ userId: crypto.randomUUID() })).getOrThrow().sessionToken);
    }
    let next = 0;
    const validate = async () => {
      const sessionToken = tokens[next++ % SESSIONS] ?? "";
      (await client.session.validateAndRefresh({ sessionToken })).getOrThrow();
    };
    const repeats: Omit<Latency, "name">[] = [];
    await repeatFor(IDLE_SECS, AT_ONCE, validate);
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      const idleMs: number[] = [];
      await repeatFor(IDLE_SECS, 1, async () => {
        const start = performance.now();
        await validate();
        idleMs.push(performance.now() - start);
      });
      const peakPerSec = await repeatFor(options.secs / 2, AT_ONCE, validate);
      const halfMs = await repeatAt(peakPerSec / 2, options.secs, validate);
      repeats.push({ idleP50Ms: quantile(idleMs, 0.5), peakPerSec, halfPeakP99Ms: quantile(halfMs, 0.99) });
    }
    const of = (pick: (each: Omit<Latency, "name">) => number) => median(repeats.map(pick));
    all.push({
      name,
      idleP50Ms: of((each) => each.idleP50Ms),
      peakPerSec: of((each) => each.peakPerSec),
      halfPeakP99Ms: of((each) => each.halfPeakP99Ms),
    });
    console.error(JSON.stringify(all.at(-1)));
    await client.close();
  }
  return all;
}
