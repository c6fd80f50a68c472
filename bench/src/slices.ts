import type { Slice } from "./measure.ts";
import type { Slices } from "./parts/requests.ts";
import { median } from "./statistics.ts";

export function medianOf(slices: readonly Slice[], pick: (slice: Slice) => number): number {
  return median(slices.map(pick));
}

/** CPU of one request over all processes, in microseconds. */
export function cpuOf({ measured }: Slices): number {
  return medianOf(measured, ({ appUs, sidecarUs, storeUs }) => appUs + sidecarUs + storeUs);
}

/** Requests a second as a share of those of the slices of bare Express beside it. */
export function shareOfBare({ measured, besideIt }: Slices): number {
  return medianOf(measured, (slice) => slice.perSec) / medianOf(besideIt, (slice) => slice.perSec);
}
