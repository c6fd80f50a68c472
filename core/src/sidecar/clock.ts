import { createElapsedClock } from "../frames/elapsed-clock.ts";
import type { SessionClient } from "./session-client.ts";

/** How long one reading is used: in that time the monotonic clocks of two machines drift by microseconds. */
const READING_SERVES_MS = 60_000;
/** A process that slept for longer asks again. Its wall clock shows that it slept, but must not say what time it is now. */
const SLEEP_MS = 1000;

/** The sidecar's time, in Unix seconds; undefined when it cannot be asked. */
export type SidecarClock = () => Promise<number | undefined>;

/**
 * Returns the time by the sidecar's clock, which also set the times of the sessions: the application's own clock may
 * be hours off. Between two readings, only this process's monotonic clock is used. It may stand still while the process is
 * frozen, and what expired in that time would seem fresh: a reading from before that is not used.
 */
export function createSidecarClock(client: SessionClient): SidecarClock {
  const steadyMs = () => performance.now();
  const elapsedMs = createElapsedClock(steadyMs);
  let reading: { timestampSecs: number; takenAtMs: number; sleptMs: number } | undefined;

  return async () => {
    const sleptMs = elapsedMs() - steadyMs();
    if (!reading || steadyMs() - reading.takenAtMs > READING_SERVES_MS || sleptMs - reading.sleptMs > SLEEP_MS) {
      const answer = await client.ping({});
      if (!answer.ok) return undefined;
      reading = { timestampSecs: answer.data.timestamp, takenAtMs: steadyMs(), sleptMs };
    }
    return reading.timestampSecs + Math.floor((steadyMs() - reading.takenAtMs) / 1000);
  };
}
