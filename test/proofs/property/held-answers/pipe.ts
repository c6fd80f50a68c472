import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One direction of a connection: everything arrives in order, late, perhaps all at once, or never. */
export interface Pipe {
  send(deliver: () => void): void;
  /** Nothing arrives for so long; then all of it does, if the pipe is still there. */
  block(ms: number): void;
  close(): void;
}

/** How long a message is under way: mostly a moment, now and then much longer. */
export function latency(random: Random): number {
  return random.chance(0.95) ? random.between(0.2, 4) : random.between(4, 120);
}

export function createPipe(time: VirtualTime, random: Random): Pipe {
  let waiting: { atMs: number; deliver: () => void }[] = [];
  let lastMs = 0;
  let blockedUntilMs = 0;
  let isClosed = false;

  function arrive(): void {
    if (isClosed) return;
    const due = waiting.filter(({ atMs }) => atMs <= time.nowMs);
    waiting = waiting.filter(({ atMs }) => atMs > time.nowMs);
    // In one turn, as the frames of one chunk are.
    for (const { deliver } of due) deliver();
  }

  function expect(atMs: number): void {
    time.after(Math.max(0, atMs - time.nowMs), arrive);
  }

  return {
    send(deliver) {
      const alone = Math.max(lastMs, blockedUntilMs, time.nowMs + latency(random));
      // Some wait for what is sent a moment later, and arrive together with it.
      lastMs = random.chance(0.2) ? alone + random.between(1, 10) : alone;
      waiting.push({ atMs: lastMs, deliver });
      expect(lastMs);
    },
    block(ms) {
      blockedUntilMs = Math.max(blockedUntilMs, time.nowMs + ms);
      lastMs = Math.max(lastMs, blockedUntilMs);
      for (const message of waiting) message.atMs = Math.max(message.atMs, blockedUntilMs);
      expect(blockedUntilMs);
    },
    close() {
      isClosed = true;
      waiting = [];
    },
  };
}
