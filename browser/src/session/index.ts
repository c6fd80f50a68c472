import { createIdleWatch, type IdleWarning } from "./idle-watch.ts";
import { createSessionStore } from "./session-store.ts";
import type { ClientSession, SessionState } from "./state.ts";

export type { IdleWarning } from "./idle-watch.ts";
export type { SessionRequestError, SessionRequestErrorCode } from "./request-error.ts";
export type { ClientSession, Register, SessionState } from "./state.ts";

export interface PageSessionOptions {
  /** The prefix of the middleware's ready-made routes, as the browser sees it. Default: `/session`. */
  routesPrefix?: string;
  /** What the server knew when it rendered the page: the session, or null. Default: the page asks once. */
  session?: ClientSession | null;
  /** How long before the end of the session `warning` says so, in seconds. Default: 60. */
  warnSecs?: number;
}

/** The session of a page: who is logged in, even after a logout in another tab, and when the session is about to end. */
export interface PageSession {
  readonly state: SessionState;
  readonly warning: IdleWarning;
  /** Calls back after each change of either; the returned function stops that. */
  subscribe(listener: () => void): () => void;
  /** Asks the server now, and notifies the other tabs of a change. A failure is the new state's `error`. */
  refresh(): Promise<SessionState>;
  /**
   * Uses the session, so that it ends later, and notifies the other tabs. A session with a device needs a proof for
   * this: call `initFetchWithDevice()` in the page.
   */
  extend(): Promise<SessionState>;
  /** Ends the session, and notifies the other tabs. Rejects with a `SessionRequestError` if the server did not do it. */
  logout(): Promise<void>;
  /** Stops all requests and timers. */
  close(): void;
}

/**
 * Watches the session of a page without a framework. In React use `@byo-session/browser/react`. It asks the server when
 * someone returns to the page, when the network is back and when another tab has logged in or out; and, before it warns,
 * by requests that do not use the session.
 *
 * @example
 * const page = openPageSession();
 * page.subscribe(() => page.state.status === "anonymous" && location.assign("/login"));
 */
export function openPageSession(options: PageSessionOptions = {}): PageSession {
  const { routesPrefix = "/session", session, warnSecs = 60 } = options;
  const store = createSessionStore(routesPrefix, session);
  const watch = createIdleWatch(store, warnSecs);
  const stops = [store.start(), watch.start()];
  return {
    get state() {
      return store.current();
    },
    get warning() {
      return watch.current();
    },
    subscribe(listener) {
      const ends = [store.subscribe(listener), watch.subscribe(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
    refresh: store.refresh,
    extend: store.extend,
    logout: store.logout,
    close() {
      for (const stop of stops) stop();
    },
  };
}
