import type { ResultRow } from "../../test/harness/result-table.ts";
import { BARE, OURS } from "./contestants.ts";
import type { Slices } from "./parts/requests.ts";
import type { Results } from "./results.ts";
import { cpuOf, shareOfBare } from "./slices.ts";

interface Target {
  what: string;
  /** A ratio, or a number with its unit in `what`; undefined: not measured. */
  measured: number | undefined;
  asked: number;
  atLeast: boolean;
}

/** Every target with its measurement. */
export function targetsOf(results: Results): ResultRow[] {
  return [...requestTargets(results), ...otherTargets(results)].map(({ what, measured, asked, atLeast }) => ({
    target: what,
    asked: `${atLeast ? ">=" : "<="} ${asked}`,
    measured: measured === undefined || Number.isNaN(measured) ? "not measured" : measured.toFixed(2),
    met:
      measured === undefined || Number.isNaN(measured)
        ? ""
        : (atLeast ? measured >= asked : measured <= asked)
          ? "yes"
          : "no",
  }));
}

function requestTargets({ parts: { requests = [] } }: Results): Target[] {
  const find = (name: string) => requests.find((slices) => slices.name === name && slices.measured.length > 0);
  // Each as a share of the neighbouring bare slices, so that a machine that is slow for a while does not distort it.
  const ratio = (name: string, other: string, pick: (slices: Slices) => number) => {
    const [of, over] = [find(name), find(other)];
    return of && over && pick(of) / pick(over);
  };
  const faster = (name: string, other: string, asked: number): Target => ({
    what: `requests/s, ${name} over ${other}`,
    measured: ratio(name, other, shareOfBare),
    asked,
    atLeast: true,
  });
  const cheaper = (name: string, other: string, asked: number): Target => ({
    what: `CPU, ${name} over ${other}`,
    measured: ratio(name, other, cpuOf),
    asked,
    atLeast: false,
  });
  const asking = `${OURS}, nothing held`;
  const touchOff = "express-session + connect-pg-simple, touch off";
  const added = (name: string, bare: string) => {
    const [with_, without] = [find(name), find(bare)];
    return with_ && without && cpuOf(with_) - cpuOf(without);
  };
  // Of the session alone: the bare ones take requests in the same order.
  const addedToExpress = added(OURS, `${BARE.name}, requests together`);
  const against = (framework: string) => {
    const addedUs = added(`${OURS} on ${framework}`, `bare ${framework}, requests together`);
    // A negative value is noise from a framework that uses much CPU itself, so it does not count as measured.
    return addedUs !== undefined && addedUs > 0 && addedToExpress !== undefined ? addedUs / addedToExpress : undefined;
  };
  return [
    faster(OURS, BARE.name, 0.85),
    cheaper(OURS, BARE.name, 1.25),
    faster(OURS, "express-session in memory", 1),
    faster(OURS, "iron-session", 1),
    faster(asking, BARE.name, 0.4),
    faster(asking, touchOff, 2.5),
    cheaper(asking, touchOff, 0.45),
    faster(asking, "express-session + connect-pg-simple, touch on", 4),
    faster(asking, "better-auth", 6),
    ...["Fastify", "Koa"].map((framework) => ({
      what: `CPU added, ${framework} over Express`,
      measured: against(framework),
      asked: 1,
      atLeast: false,
    })),
  ];
}

function otherTargets({ parts: { device, latency, logins, next = [], revocation, writes, sizes } }: Results): Target[] {
  const [plain] = device?.ways ?? [];
  const once = device?.ways.at(-1);
  const addedUs = plain && once && once.sidecarUs + once.postgresUs - plain.sidecarUs - plain.postgresUs;
  const [validation] = latency ?? [];
  const page = latency?.at(-1);
  const [smallest, largest] = [sizes?.at(0), sizes?.at(-1)];
  const costOf = ({ sidecarUs, postgresUs }: { sidecarUs: number; postgresUs: number }) => sidecarUs + postgresUs;
  return [
    {
      what: "CPU added by a single-use proof, in bare ES256 verifications",
      measured: device && addedUs !== undefined ? addedUs / device.bareUs : undefined,
      asked: 1.5,
      atLeast: false,
    },
    {
      what: "p99 of a validation at half the peak, ms",
      measured: validation?.halfPeakP99Ms,
      asked: 10,
      atLeast: false,
    },
    { what: "p99 of a held page at half the peak, ms", measured: page?.halfPeakP99Ms, asked: 10, atLeast: false },
    { what: "p50 of a revocation, ms", measured: revocation?.medianMs, asked: 10, atLeast: false },
    { what: "latest revocation, ms", measured: revocation?.latestMs, asked: 1000, atLeast: false },
    { what: "p50 of a validation at idle, ms", measured: validation?.idleP50Ms, asked: 1, atLeast: false },
    { what: "logins/s", measured: logins?.perSec, asked: 2000, atLeast: true },
    ...next.map(({ what, emptyProxyMs, oursMs }) => ({
      what: `CPU added to ${what} of Next with an empty proxy, ms`,
      measured: oursMs - emptyProxyMs,
      asked: 0.3,
      atLeast: false,
    })),
    {
      what: "activity writes over single updates",
      measured: writes && writes.togetherUs / writes.singleUs,
      asked: 0.25,
      atLeast: false,
    },
    {
      what: `cost of a validation with ${largest?.rows ?? "most"} sessions over ${smallest?.rows ?? "fewest"}`,
      measured: smallest && largest && smallest !== largest ? costOf(largest) / costOf(smallest) : undefined,
      asked: 1.3,
      atLeast: false,
    },
  ];
}
