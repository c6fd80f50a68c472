import type { Measured } from "./measure.ts";

/** The slices of one contestant, with those of bare Express that were measured right before each. */
export interface Slices {
  name: string;
  measured: Measured[];
  bare: Measured[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A table in Markdown of the medians, with each contestant's share of bare Express. */
export function report(all: readonly Slices[]): string {
  const rows = all.map(({ name, measured, bare }) => {
    const of = (pick: (slice: Measured) => number) => median(measured.map(pick));
    const perSec = of((slice) => slice.requestsPerSec);
    const [app, sidecar, postgres] = [of((s) => s.appCpuUs), of((s) => s.sidecarCpuUs), of((s) => s.postgresCpuUs)];
    return [
      name,
      perSec.toFixed(0),
      (perSec / median(bare.map((slice) => slice.requestsPerSec))).toFixed(2),
      `${(app + sidecar + postgres).toFixed(0)} (${app.toFixed(0)} + ${sidecar.toFixed(0)} + ${postgres.toFixed(0)})`,
      of((s) => s.p50Ms).toFixed(1),
      of((s) => s.p99Ms).toFixed(1),
    ];
  });
  const header = ["server", "requests/s", "of bare", "CPU us/request (app + sidecar + Postgres)", "p50 ms", "p99 ms"];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}
