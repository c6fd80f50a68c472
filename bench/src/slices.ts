import type { Slice } from "./measure.ts";
import type { Slices } from "./parts/requests.ts";
import { median } from "./statistics.ts";

export function medianOf(slices: readonly Slice[], pick: (slice: Slice) => number): number {
  return median(slices.map(pick));
}

/** CPU per request over all processes, in microseconds. */
export function cpuOf({ measured }: Slices): number {
  return medianOf(measured, ({ appUs, sidecarUs, storeUs }) => appUs + sidecarUs + storeUs);
}

/**
 * Requests per second as a share of bare Express: the median of each slice's share of the one right before it, so that
 * changes in the machine's speed affect both.
 */
export function shareOfBare({ measured, besideIt }: Slices): number {
  return median(measured.map(({ perSec }, index) => perSec / (besideIt[index]?.perSec ?? Number.NaN)));
}
