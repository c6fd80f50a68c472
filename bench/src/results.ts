import { readFile } from "node:fs/promises";
import type { Added } from "./parts/added.ts";
import type { DeviceCost } from "./parts/device.ts";
import type { Latency } from "./parts/latency.ts";
import type { Logins } from "./parts/logins.ts";
import type { NextCost } from "./parts/next.ts";
import type { Slices } from "./parts/requests.ts";
import type { Revocation } from "./parts/revocation.ts";
import type { Size } from "./parts/sizes.ts";
import type { WorkingSet } from "./parts/working-set.ts";
import type { Writes } from "./parts/writes.ts";
import type { Profile } from "./profiles.ts";

/** All measurements: the parts of the last run, and older results of parts that it skipped. */
export interface Results {
  machine: string;
  measuredAt: string;
  parts: {
    sizes?: Size[];
    writes?: Writes;
    device?: DeviceCost;
    latency?: Latency[];
    logins?: Logins;
    revocation?: Revocation;
    workingSet?: WorkingSet[];
    next?: NextCost[];
    added?: Added[];
    requests?: Slices[];
    /** From another run, because profiling makes a process slower. */
    profiles?: Profile[];
  };
}

export const JSON_FILE = "performance.json";

export async function readResults(folder: URL): Promise<Results> {
  const text = await readFile(new URL(JSON_FILE, folder), "utf8").catch(() => undefined);
  return text === undefined ? { machine: "", measuredAt: "", parts: {} } : JSON.parse(text);
}
