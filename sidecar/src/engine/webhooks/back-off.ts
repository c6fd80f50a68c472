const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** How long to wait after each failed attempt, in seconds. After the last one, a delivery is given up. */
const WAITS_SECS = [5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

/** A receiver can ask for a longer wait, up to this. */
const MAX_ASKED_SECS = HOUR;

/**
 * Seconds until the next attempt; undefined: none is left. A part of each wait is random, so that what failed together is not
 * sent together again. `random`: from 0 to 1.
 */
export function waitAfter(attempts: number, askedSecs: number | null, random: number): number | undefined {
  const waitSecs = WAITS_SECS[attempts - 1];
  if (waitSecs === undefined) return undefined;
  return Math.max(waitSecs * (0.8 + 0.4 * random), Math.min(askedSecs ?? 0, MAX_ASKED_SECS));
}
