import type { SessionClient } from "./session-client.ts";

/** How long one reading is used: in that time the monotonic clocks of two machines drift by microseconds. */
const READING_SERVES_MS = 60_000;

/** The sidecar's time, in Unix seconds; undefined when it cannot be asked. */
export type SidecarClock = () => Promise<number | undefined>;

/**
 * Returns the time by the sidecar's clock, which also set the times of the sessions: the application's own clock may
 * be hours off. Between two readings, only this process's monotonic clock is used.
 */
export function createSidecarClock(client: SessionClient, steadyMs: () => number): SidecarClock {
  let reading: { timestampSecs: number; takenAtMs: number } | undefined;

  return async () => {
    if (!reading || steadyMs() - reading.takenAtMs > READING_SERVES_MS) {
      const answer = await client.ping({});
      if (!answer.ok) return undefined;
      reading = { timestampSecs: answer.data.timestamp, takenAtMs: steadyMs() };
    }
    return reading.timestampSecs + Math.floor((steadyMs() - reading.takenAtMs) / 1000);
  };
}
