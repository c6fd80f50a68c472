/** When the other end of a connection was last heard from. */
export interface LastHeard {
  now(): void;
  /** Undefined: never. */
  readonly agoMs: number | undefined;
}

/**
 * By both clocks, and the longer time counts: in a frozen process the monotonic clock may have stopped. The wall clock
 * may jump, which at worst makes a good connection look old.
 */
export function createLastHeard(): LastHeard {
  let heard: { steadyMs: number; wallMs: number } | undefined;
  return {
    now() {
      heard = { steadyMs: performance.now(), wallMs: Date.now() };
    },
    get agoMs() {
      return heard && Math.max(performance.now() - heard.steadyMs, Date.now() - heard.wallMs);
    },
  };
}
