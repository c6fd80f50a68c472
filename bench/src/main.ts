import { cpus } from "node:os";
import { readOptions } from "./options.ts";
import { measureDevice } from "./parts/device.ts";
import { measureLatency } from "./parts/latency.ts";
import { measureLogins } from "./parts/logins.ts";
import { measureRequests } from "./parts/requests.ts";
import { measureSizes } from "./parts/sizes.ts";
import { measureWrites } from "./parts/writes.ts";
import { printReport, type Results, readResults, writeResults } from "./results.ts";
import { startServers } from "./servers.ts";

/** `npm run bench -- --help` says what there is to choose. */
const options = readOptions(process.argv.slice(2));
const servers = await startServers(options.profile);
const measuring: { [P in keyof Results["parts"]]-?: () => Promise<Results["parts"][P]> } = {
  sizes: () => measureSizes(servers, options),
  writes: () => measureWrites(servers, options),
  device: () => measureDevice(servers, options),
  latency: () => measureLatency(servers, options),
  logins: () => measureLogins(servers, options),
  requests: () => measureRequests(servers, options),
};
try {
  const results = await readResults(options.results);
  // Each part is written when it is done: what is measured already survives whatever ends the next.
  for (const part of options.parts) {
    console.error(`\n# ${part}`);
    Object.assign(results.parts, { [part]: await measuring[part]() });
    results.machine = `${cpus().length} processors (${cpus()[0]?.model}), Node ${process.version}, PostgreSQL 18`;
    results.measuredAt = new Date().toISOString().slice(0, 10);
    await writeResults(options.results, results);
  }
  printReport(results);
} finally {
  await servers.stop();
}
