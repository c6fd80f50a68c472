import type { InMemoryLoad } from "../apps/in-memory.ts";
import { BARE, CONTESTANTS, OURS } from "../contestants.ts";
import { HEADERS } from "../load.ts";
import { startContestant } from "../measure.ts";
import type { Options } from "../options.ts";
import type { Servers } from "../servers.ts";
import { quantile } from "../statistics.ts";

/** What a request costs where nothing interrupts it, and no socket is part of it. */
export interface Added {
  server: string;
  us: number;
}

/** Of the batches: the others were interrupted by other programs or a garbage collection. */
const UNDISTURBED = 0.05;

/**
 * The time of a request in an application's process, without sockets. It leaves out what the system does, and in return
 * differs by less than half a microsecond from run to run, also on a busy machine: it shows what a change of the code does.
 */
export async function measureAdded(servers: Servers, options: Options): Promise<Added[]> {
  const meant = [BARE, ...CONTESTANTS.filter(({ name }) => name === OURS)];
  const all: Added[] = [];
  for (const contestant of meant) {
    const { app, cookies } = await startContestant(contestant, servers, options);
    const load: InMemoryLoad = { inMemory: cookies.map(requestWith) };
    const took: number[] = [];
    for (let repeat = 0; repeat < options.repeats; repeat++) took.push(...(await app.drive(load)));
    all.push({ server: contestant.name, us: quantile(took, UNDISTURBED) });
    await app.stop();
  }
  return all;
}

function requestWith(cookie: string): string {
  const headers = Object.entries({ host: "127.0.0.1", ...HEADERS, cookie });
  return `GET /me HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}
