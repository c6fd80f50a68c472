import { buildNextApp } from "../../../test/harness/next-app.ts";
import { BARE, CONTESTANTS, type Contestant } from "../contestants.ts";
import { fillPeers, fillSessions } from "../filling.ts";
import { measure, type Running, type Slice, startContestant, warmUp } from "../measure.ts";
import type { Options } from "../options.ts";
import type { Servers } from "../servers.ts";
import { shuffled } from "../statistics.ts";

/** The slices of one contestant, each with the slice of bare Express measured right before it. */
export interface Slices {
  name: string;
  /** The bare framework it is compared with. */
  bare: string;
  measured: Slice[];
  besideIt: Slice[];
}

/** Above this, other machines on the host used too much CPU for the slice to count. */
const MAX_STOLEN = 0.05;

/**
 * Requests per second and CPU per request of every contestant, in a new order each time, with bare Express before
 * each.
 */
export async function measureRequests(servers: Servers, options: Options): Promise<Slices[]> {
  const meant = CONTESTANTS.filter((each) => isMeant(each, servers, options));
  if (meant.some(({ file }) => file === "next.mjs")) await buildNextApp("bench/src/next-app");
  await fillSessions(servers, options.rows);
  const bare = await startContestant(BARE, servers, options);
  const running: Running[] = [];
  try {
    for (const contestant of meant) {
      running.push(await startContestant(contestant, servers, options));
    }
    await fillPeers(servers, options.rows);
    for (const each of [bare, ...running]) await warmUp(each, options.warmUpSecs);
    const all = [bare, ...running].map(({ contestant }) => empty(contestant));
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const each of shuffled(running)) await measurePair(each, all);
    }
    return all;
  } finally {
    for (const { app } of [bare, ...running]) await app.stop();
  }

  async function measurePair(each: Running, all: readonly Slices[]): Promise<void> {
    const besideIt = await measure(bare, options.secs / 2, servers);
    const measured = await measure(each, options.secs, servers);
    const { name } = each.contestant;
    const isLoud = Math.max(besideIt.stolen, measured.stolen) > MAX_STOLEN;
    console.error(`${name}: ${measured.perSec.toFixed(0)}/s${isLoud ? ", dropped: stolen CPU" : ""}`);
    if (isLoud) return;
    for (const slices of all) {
      if (slices.name !== name && slices.name !== BARE.name) continue;
      slices.measured.push(slices.name === name ? measured : besideIt);
      slices.besideIt.push(besideIt);
    }
  }
}

function isMeant(contestant: Contestant, servers: Servers, { contestants }: Options): boolean {
  const { name, uses = [] } = contestant;
  if (contestants.length > 0 && !contestants.some((asked) => isNamed(name, asked))) return false;
  if (!uses.includes("redis") || servers.redis) return true;
  console.error(`${name}: skipped, because redis-server is not installed (on Debian: apt-get install redis-server)`);
  return false;
}

/** By its whole name, or by a part of several names. */
function isNamed(name: string, asked: string): boolean {
  return CONTESTANTS.some((each) => each.name === asked) ? name === asked : name.includes(asked);
}

function empty({ name, bare = BARE.name }: Contestant): Slices {
  return { name, bare, measured: [], besideIt: [] };
}
