import { createElapsedClock } from "../../frames/elapsed-clock.ts";
import type { SessionPushes } from "./session-pushes.ts";
import { WatchedSession } from "./watched-session.ts";
import type { WatchAnswer, WatchSession } from "./watcher.ts";

export interface SessionWatch {
  readonly watch: WatchSession;
  /** The number of sessions watched now. */
  readonly size: number;
  /** Stops all watches. */
  close(): void;
}

export interface SessionWatchOptions {
  /** Asks for a session by its id, which does not count as activity. */
  fetch: (sessionId: string) => Promise<WatchAnswer>;
  /** Undefined: there are no pushes, so each session is asked for every 30 seconds. */
  pushes?: SessionPushes | undefined;
  /** Milliseconds that never go back and also pass while the process is frozen. */
  nowMs?: () => number;
  maxSessions?: number;
  /** Receives one line when too many sessions are watched. */
  log: (line: string) => void;
}

const MAX_SESSIONS = 100_000;
/** More would delay users' requests. */
const MAX_ASKING = 200;
const TICK_MS = 100;
const POLL_MS = 30_000;
const FASTEST_POLL_MS = 500;
/** Without pushes: at most one question per millisecond. */
const POLL_MS_PER_SESSION = 1;

/**
 * Reports what happens to sessions while they are watched. A push is only a hint: the sidecar is asked, so that only real
 * ends and changes are reported.
 */
export function createSessionWatch(options: SessionWatchOptions): SessionWatch {
  const { fetch, pushes, nowMs = createElapsedClock(), maxSessions = MAX_SESSIONS, log } = options;
  const sessions = new Map<string, WatchedSession>();
  const queue = new Set<WatchedSession>();
  let asking = 0;
  let hasToldOfLimit = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  /** When pushes were last known to be complete. */
  let vouchedAtMs: number | undefined;

  if (pushes) {
    pushes.listener = {
      watched: (id) => withSession(id, "told"),
      refused: (id) => withSession(id, "refused"),
      changed: (id) => withSession(id),
      anyChanged() {
        for (const session of sessions.values()) ask(session);
      },
      lost() {
        for (const session of sessions.values()) session.pushes = "awaited";
      },
    };
  }

  function withSession(id: string, state?: WatchedSession["pushes"]): void {
    const session = sessions.get(id);
    if (!session) return;
    if (state) session.pushes = state;
    ask(session);
  }

  function ask(session: WatchedSession): void {
    if (session.isAsking) session.mustAskAgain = true;
    else queue.add(session);
    askMore();
  }

  function askMore(): void {
    for (const session of queue) {
      if (asking >= MAX_ASKING) return;
      queue.delete(session);
      void askNow(session);
    }
  }

  async function askNow(session: WatchedSession): Promise<void> {
    asking++;
    session.isAsking = true;
    session.mustAskAgain = false;
    session.asked(nowMs());
    try {
      const reason = session.take(await fetch(session.id), nowMs());
      if (reason && sessions.get(session.id) === session) {
        remove(session);
        session.tellEnd(reason);
      }
    } finally {
      asking--;
      session.isAsking = false;
      if (session.mustAskAgain && sessions.get(session.id) === session) queue.add(session);
      askMore();
    }
  }

  function remove(session: WatchedSession): void {
    sessions.delete(session.id);
    queue.delete(session);
    pushes?.unwatch(session.id);
    if (sessions.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    vouchedAtMs = undefined;
  }

  function add(id: string): WatchedSession {
    const session = new WatchedSession(id, pushes ? "awaited" : "refused", nowMs());
    sessions.set(id, session);
    // Arrived data is read before the check; otherwise a busy process would think that the sidecar is silent.
    timer ??= unrefed(setInterval(() => unrefed(setTimeout(check, 0)), TICK_MS));
    pushes?.watch(id);
    return session;
  }

  function check(): void {
    pushes?.keepOpen();
    const now = nowMs();
    const isVouched = pushes?.isVouched === true;
    if (isVouched) vouchedAtMs = now;
    const usualPollMs = isVouched || vouchedAtMs === undefined ? POLL_MS : pollMsAfter(now - vouchedAtMs);
    for (const session of sessions.values()) {
      const isTold = isVouched && session.pushes !== "refused" && !session.hasFailed;
      if (isTold && session.pushes === "told") session.isKnown(now);
      else session.tellIfUnknown(now);
      const pollMs = session.hasFailed ? pollMsAfter(session.unknownForMs(now)) : usualPollMs;
      const hasEnded = now >= session.unusedEndAtMs && now >= session.askedAtMs + FASTEST_POLL_MS;
      if (hasEnded || (!isTold && now >= session.askedAtMs + pollMs)) ask(session);
    }
  }

  /** Pushes or answers may return in a moment, or never: the longer the outage, the less often the sidecar is asked. */
  function pollMsAfter(outageMs: number): number {
    const fastestMs = Math.max(FASTEST_POLL_MS, sessions.size * POLL_MS_PER_SESSION);
    return Math.min(POLL_MS, Math.max(fastestMs, outageMs / 4));
  }

  /** A session that cannot be watched is reported as ended, so that its socket does not stay open. */
  function refuse(id: string, watcher: Parameters<WatchSession>[1]): () => void {
    if (!hasToldOfLimit)
      log(`byo-session: ${sessions.size} sessions are watched, which is the limit; further sockets are closed`);
    hasToldOfLimit = true;
    const refused = new WatchedSession(id, "refused", nowMs());
    const stop = refused.add(watcher, undefined);
    queueMicrotask(() => refused.tellEnd("TooManyWatched"));
    return stop;
  }

  return {
    watch(id, watcher, known) {
      let session = sessions.get(id);
      if (!session && sessions.size >= maxSessions) return refuse(id, watcher);
      session ??= add(id);
      const leave = session.add(watcher, known);
      // With pushes, the question follows the confirmation of the watch, so that no change between them is missed.
      if (session.pushes !== "awaited" || !pushes?.isVouched) ask(session);
      const watched = session;
      return () => {
        leave();
        if (!watched.isWatched && sessions.get(id) === watched) remove(watched);
      };
    },
    get size() {
      return sessions.size;
    },
    close() {
      for (const session of [...sessions.values()]) remove(session);
    },
  };
}

/** Watching keeps no process alive, if the runtime supports that. */
function unrefed<T>(timer: T): T {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
  return timer;
}
