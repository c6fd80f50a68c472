"use client";

import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { createIdleWatch, type IdleWarning, NOT_ENDING } from "../session/idle-watch.ts";
import { createSessionStore, type SessionStore } from "../session/session-store.ts";
import type { ClientSession, SessionState } from "../session/state.ts";

export type { IdleWarning } from "../session/idle-watch.ts";
export type { SessionRequestError, SessionRequestErrorCode } from "../session/request-error.ts";
export type { ClientSession, Register, SessionState } from "../session/state.ts";
export { ImpersonationBanner, type ImpersonationBannerProps } from "./impersonation-banner.ts";

export interface SessionProviderProps {
  /**
   * What the server knew when it rendered the page: the session, or null. With it, no request is made; without it, the
   * page asks once. A later value replaces an earlier one.
   */
  session?: ClientSession | null | undefined;
  /**
   * The prefix of the middleware's ready-made routes, as the browser sees it: with Next's `basePath`, and with a
   * trailing slash if the server wants one. A path or a URL; read once. Default: `/session`.
   */
  routesPrefix?: string;
  children?: ReactNode;
}

const StoreContext = createContext<SessionStore | undefined>(undefined);

/**
 * Provides the session to every `useSession()` below it; put it into the layout. It calls `GET {routesPrefix}` again
 * when someone returns to the page, at most every five seconds, when the network is back, when another tab has logged
 * in or out, and when the page comes out of the back/forward cache. It never asks on a timer.
 *
 * Use it to decide what a page shows, never what a user may do: the guard on the server decides that.
 */
export function SessionProvider({ session, routesPrefix = "/session", children }: SessionProviderProps): ReactNode {
  const [store] = useState(() => createSessionStore(routesPrefix, session));
  useEffect(() => store.start(), [store]);
  useEffect(() => store.give(session), [store, session]);
  return createElement(StoreContext.Provider, { value: store }, children);
}

/** What `useSession()` returns. */
export type UseSession = SessionState & {
  /**
   * Asks the server now, for example after a login by script, and notifies the other tabs of a change. Returns the new
   * state; a failure is its `error`.
   */
  refresh(): Promise<SessionState>;
  /**
   * Ends the session with `POST {routesPrefix}/logout`, and notifies the other tabs. Rejects with a
   * `SessionRequestError` if the server did not do it: the session then continues.
   */
  logout(): Promise<void>;
};

/** The session of this page, from the `<SessionProvider>` above. Throws an `Error` if there is no provider. */
export function useSession(): UseSession {
  const store = useStore("useSession()");
  const state = useSyncExternalStore(store.subscribe, store.current, store.initial);
  return useMemo(() => ({ ...state, refresh: store.refresh, logout: store.logout }), [state, store]);
}

/** What `useIdleWarning()` returns. */
export type UseIdleWarning = IdleWarning & {
  /**
   * Uses the session, so that it ends later, and notifies the other tabs. Returns the new state; a failure is its
   * `error`. A session with a device needs a proof for this: call `initFetchWithDevice()` in the page.
   */
  extend(): Promise<SessionState>;
};

/**
 * Says when the session is about to end because nobody uses it, or by its absolute end, so that the page can ask the
 * user. Before it warns, and every ten seconds during the warning, it calls `GET {routesPrefix}/idle`, which does not
 * use the session. If the policy has an inactivity timeout and the server rendered the session, it also calls it once at
 * the start, because this device's clock may be wrong. It makes no request for a hidden page.
 *
 * @param warnSecs How long before the end, in seconds; read when it changes. Default: 60.
 * @example const { isEnding, secondsLeft, canExtend, extend } = useIdleWarning({ warnSecs: 120 });
 */
export function useIdleWarning({ warnSecs = 60 }: { warnSecs?: number } = {}): UseIdleWarning {
  const store = useStore("useIdleWarning()");
  const watch = useMemo(() => createIdleWatch(store, warnSecs), [store, warnSecs]);
  useEffect(() => watch.start(), [watch]);
  const warning = useSyncExternalStore(watch.subscribe, watch.current, () => NOT_ENDING);
  return useMemo(() => ({ ...warning, extend: store.extend }), [warning, store]);
}

function useStore(hook: string): SessionStore {
  const store = useContext(StoreContext);
  if (store) return store;
  throw new Error(`${hook}: expected a <SessionProvider> above this component, such as in the layout.`);
}
