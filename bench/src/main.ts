import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createPostgresCluster } from "../../test/harness/postgres-cluster.ts";
import { BARE, CONTESTANTS } from "./contestants.ts";
import { reportDevice } from "./device.ts";
import { measure } from "./measure.ts";
import { report, type Slices } from "./report.ts";
import { startServers } from "./servers.ts";

/** `npm run bench -- --secs 10 --repeats 5 --json results.json`, or `--only device` for the cost of device proof. */
const { values } = parseArgs({
  options: {
    secs: { type: "string", default: "5" },
    repeats: { type: "string", default: "5" },
    json: { type: "string" },
    only: { type: "string" },
  },
});
const secs = Number(values.secs);
const repeats = Number(values.repeats);
/** Above it the machine's neighbours were too loud, and the slice says little. */
const MOST_STOLEN = 0.05;

const cluster = await createPostgresCluster("newest");
const servers = await startServers(cluster);
try {
  if (values.only === "device") console.log(`${machine()}\n\n${await reportDevice(servers, repeats)}`);
  else await compare();
} finally {
  await servers.stop();
  await cluster.destroy();
}

async function compare(): Promise<void> {
  const all: Slices[] = [{ name: BARE.name, measured: [], bare: [] }, ...CONTESTANTS.map(empty)];
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const contestant of shuffled(CONTESTANTS)) {
      const bare = await measure(BARE, secs, servers);
      const measured = await measure(contestant, secs, servers);
      const dropped = Math.max(bare.stolen, measured.stolen) > MOST_STOLEN;
      console.error(
        `${contestant.name}: ${measured.requestsPerSec.toFixed(0)}/s${dropped ? ", dropped: stolen CPU" : ""}`,
      );
      if (dropped) continue;
      const slices = all.find(({ name }) => name === contestant.name);
      slices?.measured.push(measured);
      slices?.bare.push(bare);
      all[0]?.measured.push(bare);
      all[0]?.bare.push(bare);
    }
  }
  console.log(`${machine()}, 32 connections\n\n${report(all)}`);
  if (values.json) await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
}

function machine(): string {
  return `${cpus().length} cores of ${cpus()[0]?.model}, Node ${process.version}, medians of ${repeats}`;
}

function empty({ name }: { name: string }): Slices {
  return { name, measured: [], bare: [] };
}

/** Fisher and Yates: no contestant is always the one that follows another. */
function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    const [a, b] = [order[last], order[other]];
    if (a !== undefined && b !== undefined) [order[last], order[other]] = [b, a];
  }
  return order;
}
