/** More than this apart, and the wall clock has run on while the steady one stood still. */
const TOLERANCE_MS = 3;

/**
 * Milliseconds that never go back and that pass, too, while the machine sleeps or is frozen: the steady clock may stand
 * still then. What is measured is a duration on this machine. A wall clock that is put forward only makes things look older
 * than they are; one that is put back changes nothing.
 */
export function createElapsedClock(steadyMs = () => performance.now(), wallMs = () => Date.now()): () => number {
  let aheadMs = wallMs() - steadyMs();
  let sleptMs = 0;
  return () => {
    const steady = steadyMs();
    const ahead = wallMs() - steady;
    if (ahead > aheadMs + TOLERANCE_MS) {
      sleptMs += ahead - aheadMs;
      aheadMs = ahead;
    } else if (ahead < aheadMs) {
      aheadMs = ahead;
    }
    return steady + sleptMs;
  };
}
