import { type Cpu, clientOf, cpuOfEach, repeatFor } from "../drive.ts";
import type { Options } from "../options.ts";
import type { Servers } from "../servers.ts";
import { median } from "../statistics.ts";

export interface Logins extends Cpu {
  perSec: number;
}

const AT_ONCE = 64;

/** Logins per second, each by another user: the session, its audit event and nothing else. */
export async function measureLogins(servers: Servers, options: Options): Promise<Logins> {
  const sidecar = servers.sidecars.default;
  const client = clientOf(sidecar, servers);
  const logIn = async () => (await client.session.create({ userId: crypto.randomUUID() })).getOrThrow();
  await repeatFor(1, AT_ONCE, logIn);
  const measured: Logins[] = [];
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    let perSec = 0;
    const cpu = await cpuOfEach(1, sidecar, servers, async () => {
      perSec = await repeatFor(options.secs, AT_ONCE, logIn);
    });
    const logins = perSec * options.secs;
    measured.push({ perSec, sidecarUs: cpu.sidecarUs / logins, postgresUs: cpu.postgresUs / logins });
    console.error(`logins: ${perSec.toFixed(0)}/s`);
  }
  await client.close();
  const of = (pick: (each: Logins) => number) => median(measured.map(pick));
  return {
    perSec: of((each) => each.perSec),
    sidecarUs: of((each) => each.sidecarUs),
    postgresUs: of((each) => each.postgresUs),
  };
}
