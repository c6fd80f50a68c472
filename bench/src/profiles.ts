import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the CPU time of one process went. */
export interface Profile {
  name: string;
  areas: Area[];
}

interface Area {
  area: string;
  /** The share of the time in which the process was not idle. */
  share: number;
  /** The functions with the largest share. */
  most: string;
}

/** The format of `--cpu-prof`: the stack at each sample, as a node of a tree. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

const MIN_SHARE = 0.02;
const FUNCTIONS_SHOWN = 4;
const MIN_BUSY_US = 500_000;

/** Summarises the profiles in a folder, without processes that did almost nothing. */
export async function readProfiles(folder: string): Promise<Profile[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".cpuprofile")).sort();
  const profiles = files.map(async (file) => {
    const profile: CpuProfile = JSON.parse(await readFile(join(folder, file), "utf8"));
    return { name: file.slice(0, -".cpuprofile".length), areas: areasOf(profile) };
  });
  return (await Promise.all(profiles)).filter(({ areas }) => areas.length > 0);
}

function areasOf({ nodes, samples, timeDeltas }: CpuProfile): Area[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, Map<string, number>>();
  let busyUs = 0;
  samples.forEach((id, index) => {
    const { functionName = "", url = "" } = frames.get(id) ?? {};
    if (functionName === "(idle)") return;
    const tookUs = timeDeltas[index] ?? 0;
    busyUs += tookUs;
    const area = areaOf(url, functionName);
    const within = functions.get(area) ?? new Map<string, number>();
    within.set(functionName, (within.get(functionName) ?? 0) + tookUs);
    functions.set(area, within);
  });
  if (busyUs < MIN_BUSY_US) return [];
  return [...functions]
    .map(([area, within]) => ({
      area,
      share: [...within.values()].reduce((sum, us) => sum + us, 0) / busyUs,
      most: [...within]
        .sort(([, a], [, b]) => b - a)
        .slice(0, FUNCTIONS_SHOWN)
        .map(([name, us]) => `${name || "(unnamed)"} ${((us / busyUs) * 100).toFixed(1)}%`)
        .join(", "),
    }))
    .filter(({ share }) => share >= MIN_SHARE)
    .sort((a, b) => b.share - a.share);
}

/** Our packages and other packages by name; Node's own modules; the rest of the engine. */
function areaOf(url: string, functionName: string): string {
  const dependency = url.split("/node_modules/").slice(1).at(-1);
  if (dependency !== undefined) return dependency.split("/", dependency.startsWith("@") ? 2 : 1).join("/");
  if (url.startsWith("node:")) return "Node";
  if (url === "") return functionName === "(garbage collector)" ? "garbage collection" : "the engine and the system";
  return /\/([\w-]+\/src\/(?:engine\/)?[\w-]+)/.exec(url)?.[1] ?? url;
}
