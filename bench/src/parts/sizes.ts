import { clientOf, cpuOfEach, doAll } from "../drive.ts";
import { fillSessions, sampleTokens } from "../filling.ts";
import type { Options } from "../options.ts";
import { residentMiB } from "../processes.ts";
import type { Servers } from "../servers.ts";
import { median } from "../statistics.ts";

export interface Size {
  rows: number;
  /** The CPU of one validation, with sessions spread over the table. */
  sidecarUs: number;
  postgresUs: number;
  sidecarMiB: number;
}

const VALIDATIONS = 8000;
const AT_ONCE = 32;

/** The cost of a validation in increasingly large tables. */
export async function measureSizes(servers: Servers, options: Options): Promise<Size[]> {
  const sidecar = servers.sidecars["cache-off"];
  const client = clientOf(sidecar, servers);
  const sizes: Size[] = [];
  for (const rows of [...options.sizes].sort((a, b) => a - b)) {
    await fillSessions(servers, rows);
    const tokens = await sampleTokens(servers, VALIDATIONS);
    const validateAll = () =>
      doAll(tokens, AT_ONCE, async (sessionToken) =>
        (await client.session.validate({ sessionToken, ipAddress: "203.0.113.7" })).getOrThrow(),
      );
    await validateAll();
    const measured = [];
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      measured.push(await cpuOfEach(tokens.length, sidecar, servers, validateAll));
    }
    sizes.push({
      rows,
      sidecarUs: median(measured.map(({ sidecarUs }) => sidecarUs)),
      postgresUs: median(measured.map(({ postgresUs }) => postgresUs)),
      sidecarMiB: residentMiB(sidecar.pid),
    });
    console.error(`${rows} sessions: ${JSON.stringify(sizes.at(-1))}`);
  }
  await client.close();
  return sizes;
}
