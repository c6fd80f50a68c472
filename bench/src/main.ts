import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createPostgresCluster } from "../../test/harness/postgres-cluster.ts";
import { BARE, CONTESTANTS } from "./contestants.ts";
import { measure } from "./measure.ts";
import { report, type Slices } from "./report.ts";
import { startServers } from "./servers.ts";

/** `npm run bench -- --secs 10 --repeats 5 --json results.json` */
const { values } = parseArgs({
  options: {
    secs: { type: "string", default: "5" },
    repeats: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const secs = Number(values.secs);
const repeats = Number(values.repeats);
/** Above it the machine's neighbours were too loud, and the slice says little. */
const MOST_STOLEN = 0.05;

const cluster = await createPostgresCluster("newest");
const servers = await startServers(cluster);
try {
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
  const [cpu] = cpus();
  console.log(
    `${cpus().length} cores of ${cpu?.model}, Node ${process.version}, 32 connections, medians of ${repeats}\n`,
  );
  console.log(report(all));
  if (values.json) await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
} finally {
  await servers.stop();
  await cluster.destroy();
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
