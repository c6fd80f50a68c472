/** When the other end of a connection was last heard of. */
export interface LastHeard {
  now(): void;
  /** Undefined: never yet. */
  readonly agoMs: number | undefined;
}

/**
 * By both clocks, and the longer time counts: in a process that was frozen the steady one may have stood still. The other
 * one may jump, which at worst makes a good connection look like an old one.
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
