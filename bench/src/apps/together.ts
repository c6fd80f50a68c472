import { createEndOfTick } from "../../../core/src/sidecar/holds/end-of-tick.ts";

/** `TOGETHER=on`: a bare app lets the requests that arrive together go on together, as ours does. */
export const TOGETHER = process.env.TOGETHER === "on";

export const endOfTick = createEndOfTick();
