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
import { createSessionStore, type SessionStore } from "./session-store.ts";
import type { ClientSession, SessionState } from "./state.ts";

export type { SessionRequestError, SessionRequestErrorCode } from "./routes.ts";
export type { ClientSession, Register, SessionState } from "./state.ts";

export interface SessionProviderProps {
  /**
   * What the server knew when it rendered the page: the session, or null for none. There is no request then. Left out, the
   * page asks once. A later value replaces an earlier one.
   */
  session?: ClientSession | null | undefined;
  /**
   * Where the middleware's ready-made routes are, for the browser: with the `basePath` of Next, and with a slash at the end
   * where the server wants one. A path or a URL; read once. Default: `/session`.
   */
  routesPrefix?: string;
  children?: ReactNode;
}

const StoreContext = createContext<SessionStore | undefined>(undefined);

/**
 * Holds the session for every `useSession()` below it; put it into the layout. It asks `GET {routesPrefix}` again when
 * somebody comes back to the page, at most every five seconds, when the network is back, when another tab has logged in or
 * out, and when the page comes out of the back/forward cache. It never asks by the clock.
 *
 * What it knows decides what a page shows, never what a user may do: that is the guard's, on the server.
 */
export function SessionProvider({ session, routesPrefix = "/session", children }: SessionProviderProps): ReactNode {
  const [store] = useState(() => createSessionStore(routesPrefix, session));
  useEffect(() => store.start(), [store]);
  useEffect(() => store.give(session), [store, session]);
  return createElement(StoreContext.Provider, { value: store }, children);
}

/** What `useSession()` gives. */
export type UseSession = SessionState & {
  /**
   * Asks the server now, for example after a login by script, and tells the other tabs of a change. Gives the new state; a
   * failure is the `error` in it.
   */
  refresh(): Promise<SessionState>;
  /**
   * Ends the session, by `POST {routesPrefix}/logout`, and tells the other tabs. Rejects with a `SessionRequestError` where
   * the server did not do it: the session then goes on.
   */
  logout(): Promise<void>;
};

/** The session of this page, from the `<SessionProvider>` above. Throws an `Error` where there is no provider. */
export function useSession(): UseSession {
  const store = useContext(StoreContext);
  if (!store)
    throw new Error("useSession(): expected a <SessionProvider> above this component, such as in the layout.");
  const state = useSyncExternalStore(store.subscribe, store.current, store.initial);
  return useMemo(() => ({ ...state, refresh: store.refresh, logout: store.logout }), [state, store]);
}
