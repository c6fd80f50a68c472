import { cpus } from "node:os";
import { GENERATOR } from "./load.ts";
import { type Part, readOptions } from "./options.ts";
import { measureAdded } from "./parts/added.ts";
import { measureDevice } from "./parts/device.ts";
import { measureLatency } from "./parts/latency.ts";
import { measureLogins } from "./parts/logins.ts";
import { measureNext } from "./parts/next.ts";
import { measureRequests } from "./parts/requests.ts";
import { measureRevocation } from "./parts/revocation.ts";
import { measureSizes } from "./parts/sizes.ts";
import { measureWorkingSet } from "./parts/working-set.ts";
import { measureWrites } from "./parts/writes.ts";
import { readProfiles } from "./profiles.ts";
import { type Results, readResults } from "./results.ts";
import { startServers } from "./servers.ts";
import { printReport, writeResults } from "./write-results.ts";

/** `npm run bench -- --help` lists the options. */
const options = readOptions(process.argv.slice(2));
const servers = await startServers(options.profile);
const results = await readResults(options.results);
const measuring: { [P in Part]: () => Promise<Results["parts"][P]> } = {
  sizes: () => measureSizes(servers, options),
  writes: () => measureWrites(servers, options),
  device: () => measureDevice(servers, options),
  latency: () => measureLatency(servers, options),
  logins: () => measureLogins(servers, options),
  revocation: () => measureRevocation(servers, options),
  workingSet: () => measureWorkingSet(servers, options),
  next: () => measureNext(servers, options),
  added: () => measureAdded(servers, options),
  requests: () => measureRequests(servers, options),
};
try {
  for (const part of options.parts) {
    console.error(`\n# ${part}`);
    const measured = await measuring[part]();
    // Each part is written when it is done, so that its results survive if the next part fails.
    if (options.profile === undefined) await keep({ [part]: measured });
  }
} finally {
  await servers.stop();
}
if (options.profile !== undefined) await keep({ profiles: await readProfiles(options.profile) });
printReport(results);

async function keep(parts: Results["parts"]): Promise<void> {
  Object.assign(results.parts, parts);
  const machine = `${cpus().length} processors (${cpus()[0]?.model}), Node ${process.version}, PostgreSQL 18`;
  Object.assign(results, {
    machine: `${machine}, load by ${GENERATOR}`,
    measuredAt: new Date().toISOString().slice(0, 10),
  });
  await writeResults(options.results, results);
}
