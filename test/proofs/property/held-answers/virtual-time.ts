/** A world in which time passes only from one event to the next. */
export interface VirtualTime {
  readonly nowMs: number;
  /** Runs the callback after so long. The returned function takes that back. */
  after(ms: number, callback: () => void): () => void;
  /** Runs everything that is due until then, in order, each with all that follows from it at once. */
  runUntil(ms: number): Promise<void>;
}

interface Event {
  atMs: number;
  turn: number;
  callback: (() => void) | undefined;
}

/** Promises in a row that one event settles, at most; more than the code under test has. */
const HOPS = 16;

export function createVirtualTime(): VirtualTime {
  const heap: Event[] = [];
  let nowMs = 0;
  let turn = 0;

  return {
    get nowMs() {
      return nowMs;
    },
    after(ms, callback) {
      const event: Event = { atMs: nowMs + ms, turn: turn++, callback };
      push(heap, event);
      return () => {
        event.callback = undefined;
      };
    },
    async runUntil(ms) {
      for (let next = heap[0]; next && next.atMs <= ms; next = heap[0]) {
        pop(heap);
        if (!next.callback) continue;
        nowMs = next.atMs;
        next.callback();
        for (let hop = 0; hop < HOPS; hop++) await undefined;
      }
      nowMs = ms;
    },
  };
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);
}

function push(heap: Event[], event: Event): void {
  heap.push(event);
  for (let at = heap.length - 1; at > 0; ) {
    const above = (at - 1) >> 1;
    if (!swapIfBefore(heap, at, above)) return;
    at = above;
  }
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (heap.length === 0 || !last) return;
  heap[0] = last;
  for (let at = 0; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const [a, b] = [heap[left], heap[right]];
    if (!a) return;
    const first = b && isBefore(b, a) ? right : left;
    if (!swapIfBefore(heap, first, at)) return;
    at = first;
  }
}

/** Whether the two have changed places. */
function swapIfBefore(heap: Event[], at: number, above: number): boolean {
  const [lower, upper] = [heap[at], heap[above]];
  if (!lower || !upper || !isBefore(lower, upper)) return false;
  heap[at] = upper;
  heap[above] = lower;
  return true;
}
