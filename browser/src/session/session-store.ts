import { isOldCopy, watchPage } from "./page-life.ts";
import { SessionRequestError } from "./request-error.ts";
import { createRoutes, type SessionAnswer } from "./routes.ts";
import { type ClientSession, LOADING, type SessionState, stateOf, withError } from "./state.ts";
import { openTabs, type TabMessage, type Tabs } from "./tabs.ts";

export interface SessionStore {
  /** The state that the server rendered. */
  initial(): SessionState;
  current(): SessionState;
  subscribe(listener: () => void): () => void;
  /** Starts asking and listening; returns a function that stops it. */
  start(): () => void;
  /** The server's page passed this. The same value again has no effect. */
  give(session: ClientSession | null | undefined): void;
  refresh(): Promise<SessionState>;
  /** Uses the session, so that it ends later, and notifies the other tabs. */
  extend(): Promise<SessionState>;
  logout(): Promise<void>;
  /** Asks without using the session. */
  lookQuietly(): Promise<SessionState>;
  /** When the session ends unless it is used, by this device's clock. Undefined: no such time. */
  end(): SessionEnd | undefined;
  /** Calls back when another tab has used the session. */
  onExtended(callback: () => void): () => void;
}

export interface SessionEnd {
  readonly atMs: number;
  /** Whether using the session would make it end later. */
  readonly canExtend: boolean;
  /** Whether the server has told its time: this device's clock alone may be hours off. */
  readonly isKnown: boolean;
}

/** Returning to the page repeatedly makes only one request in this time. */
const RETURN_PAUSE_MS = 5_000;

/**
 * The sessions that ended during this document. A router's cache can bring back a page that was rendered earlier: what
 * it says about such a session is checked first. Never filled on a server.
 */
const ended = new Set<string>();

/**
 * What one page knows about its session, outside React. Makes no request and touches no global before it is started.
 */
export function createSessionStore(prefix: string, given: ClientSession | null | undefined): SessionStore {
  const routes = createRoutes(prefix);
  const initial = stateOf(given);
  const listeners = new Set<() => void>();
  const extended = new Set<() => void>();
  let state = isOver(given) ? LOADING : initial;
  let lastGiven = JSON.stringify(given);
  let lastId = given?.sessionId;
  let lookedAtMs: number | undefined;
  let tabs: Tabs | undefined;
  /** The last message of this or another tab; a tab never repeats a message. */
  let said: string | null | undefined;
  let looking = new AbortController();
  let pending: Promise<SessionState> | undefined;
  /** How far this device's clock is ahead of the server's. */
  let aheadMs: number | undefined;

  function set(next: SessionState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  /** Pending requests are older than what happens now. */
  function dropLook(): void {
    looking.abort();
    looking = new AbortController();
    pending = undefined;
  }

  function look(told?: TabMessage): Promise<SessionState> {
    dropLook();
    lookedAtMs = Date.now();
    pending = ask(looking, routes.whoAmI, told);
    return pending;
  }

  /** A pending request asks the same, and is not to be given up: it may use the session. */
  function lookQuietly(): Promise<SessionState> {
    if (pending) return pending;
    const asking = ask(looking, routes.idle);
    pending = asking;
    return asking;
  }

  async function ask(mine: AbortController, route: typeof routes.idle, told?: TabMessage): Promise<SessionState> {
    try {
      const answer = await route(mine.signal);
      if (mine === looking) settle(answer, told);
    } catch (error) {
      if (!(error instanceof SessionRequestError)) throw error;
      if (mine === looking) set(withError(state, error));
    } finally {
      if (mine === looking) pending = undefined;
    }
    return mine === looking ? state : (pending ?? state);
  }

  function settle({ session, reason, now }: SessionAnswer, told?: TabMessage): void {
    const before = state;
    if (now !== undefined) aheadMs = Date.now() - now * 1000;
    if (lastId !== undefined) ended.add(lastId);
    if (session) ended.delete(session.sessionId);
    lastId = session?.sessionId;
    const isSame = before.session && JSON.stringify(before.session) === JSON.stringify(session);
    // The response with the reason removes the cookie. Afterwards the server only knows that there is no session.
    const why = (reason ?? "NoSession") === "NoSession" ? (told?.reason ?? before.reason ?? reason) : reason;
    set(stateOf(isSame ? before.session : session, why));
    // Another tab's message is not forwarded: every tab has received it, and would ask again.
    if (told) said = session?.sessionId ?? null;
    else tell();
  }

  function tell(): void {
    const sessionId = state.session?.sessionId ?? null;
    if (sessionId === said) return;
    said = sessionId;
    tabs?.tell({ sessionId, reason: state.reason });
  }

  function onMessage(told: TabMessage): void {
    if (told.isExtended) for (const callback of extended) callback();
    const isKnown = state.status !== "loading" && state.status !== "unavailable";
    if (!isKnown || told.sessionId !== (state.session?.sessionId ?? null)) void look(told);
  }

  /** What is shown may be long outdated, so show nothing until the server has answered. */
  function doubt(): void {
    set(LOADING);
    void look();
  }

  function lookIfDue(): void {
    if (lookedAtMs === undefined || Math.abs(Date.now() - lookedAtMs) >= RETURN_PAUSE_MS) void look();
  }

  function begin(): void {
    if (state.status === "loading" || state.status === "unavailable") void look();
    else if (lookedAtMs !== undefined) lookIfDue();
    else if (isOldCopy()) doubt();
    else {
      lookedAtMs = Date.now();
      tell();
    }
  }

  function connect(): void {
    tabs = openTabs(prefix, onMessage);
  }

  /** An open request or channel could keep the page out of the back/forward cache. */
  function disconnect(): void {
    dropLook();
    tabs?.close();
    tabs = undefined;
  }

  return {
    initial: () => initial,
    current: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      connect();
      const unwatch = watchPage({
        onReturn: lookIfDue,
        onOnline: look,
        onHide: disconnect,
        onRestore() {
          connect();
          doubt();
        },
      });
      let isStopped = false;
      // Not at once: StrictMode starts, stops and starts again, and a starting page may still set up its device.
      queueMicrotask(() => isStopped || begin());
      return () => {
        isStopped = true;
        unwatch();
        disconnect();
      };
    },
    give(session) {
      const text = JSON.stringify(session);
      if (session === undefined || text === lastGiven) return;
      lastGiven = text;
      if (isOver(session)) return doubt();
      dropLook();
      settle({ session });
    },
    refresh: () => look(),
    async extend() {
      const next = await look();
      if (next.session && !next.error) tabs?.tell({ sessionId: next.session.sessionId, isExtended: true });
      return next;
    },
    lookQuietly,
    end() {
      const { session } = state;
      if (!session) return undefined;
      const { expiresAt, idleExpiresAt = expiresAt } = session;
      const isKnown = aheadMs !== undefined;
      return { atMs: idleExpiresAt * 1000 + (aheadMs ?? 0), canExtend: idleExpiresAt < expiresAt, isKnown };
    },
    onExtended(callback) {
      extended.add(callback);
      return () => void extended.delete(callback);
    },
    async logout() {
      await routes.logout();
      dropLook();
      settle({ session: null, reason: "LoggedOut" });
    },
  };
}

function isOver(session: ClientSession | null | undefined): boolean {
  return session != null && ended.has(session.sessionId);
}
