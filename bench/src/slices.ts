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

/**
 * Requests a second as a share of bare Express: the median of the shares of each slice in the one right before it, which
 * a machine that changes its speed has slowed down alike.
 */
export function shareOfBare({ measured, besideIt }: Slices): number {
  return median(measured.map(({ perSec }, index) => perSec / (besideIt[index]?.perSec ?? Number.NaN)));
}
