import { buildNextApp } from "../../../test/harness/next-app.ts";
import { CONTESTANTS, OURS } from "../contestants.ts";
import { putUnderLoad } from "../load.ts";
import { startContestant } from "../measure.ts";
import type { Options } from "../options.ts";
import { cpuOfTrees } from "../processes.ts";
import type { Servers } from "../servers.ts";
import { median, shuffled } from "../statistics.ts";

/** CPU of Next for one request, in milliseconds: without a proxy, with one that does nothing, and with ours. */
export interface NextCost {
  what: string;
  noProxyMs: number;
  emptyProxyMs: number;
  oursMs: number;
}

const KINDS = { "a route handler": "me", "a page": "page" } as const;
const WAYS = { noProxyMs: "/plain", emptyProxyMs: "/bare", oursMs: "" } as const;

/** The variants in a new order in each round, in one process: what counts is how much one adds to another. */
export async function measureNext(servers: Servers, options: Options): Promise<NextCost[]> {
  await buildNextApp("bench/src/next-app");
  const contestant = CONTESTANTS.find(({ name }) => name === `${OURS} on Next`);
  if (!contestant) throw new Error("there is no contestant on Next");
  const { app, cookies } = await startContestant(contestant, servers, options);
  const msOf = async (path: string, secs: number) => {
    const [before = 0] = cpuOfTrees([app.pid]);
    const { done, bad } = await putUnderLoad(`${app.url}${path}`, cookies, secs);
    const [after = 0] = cpuOfTrees([app.pid]);
    if (bad > 0 || done === 0) throw new Error(`${path}: ${done} requests succeeded, ${bad} failed`);
    return ((after - before) * 1000) / done;
  };
  const costOf = async (kind: string) => {
    const measured = new Map(Object.values(WAYS).map((way) => [`${way}/${kind}`, [] as number[]]));
    for (const path of measured.keys()) await msOf(path, options.warmUpSecs);
    for (let round = 0; round < options.repeats; round++) {
      for (const [path, each] of shuffled([...measured])) each.push(await msOf(path, options.secs));
    }
    const of = (way: keyof typeof WAYS) => median(measured.get(`${WAYS[way]}/${kind}`) ?? []);
    return { noProxyMs: of("noProxyMs"), emptyProxyMs: of("emptyProxyMs"), oursMs: of("oursMs") };
  };
  const costs: NextCost[] = [];
  for (const [what, kind] of Object.entries(KINDS)) costs.push({ what, ...(await costOf(kind)) });
  await app.stop();
  return costs;
}
