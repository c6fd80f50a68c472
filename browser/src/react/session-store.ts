import { isOldCopy, watchPage } from "./page-life.ts";
import { SessionRequestError } from "./request-error.ts";
import { createRoutes, type Verdict } from "./routes.ts";
import { type ClientSession, LOADING, type SessionState, stateOf, withError } from "./state.ts";
import { openTabs, type TabMessage, type Tabs } from "./tabs.ts";

export interface SessionStore {
  /** As the server rendered it. */
  initial(): SessionState;
  current(): SessionState;
  subscribe(listener: () => void): () => void;
  /** Begins to ask and to listen; gives what ends that. */
  start(): () => void;
  /** A page of the server said this. Said twice, it counts once. */
  give(session: ClientSession | null | undefined): void;
  refresh(): Promise<SessionState>;
  logout(): Promise<void>;
}

/** Coming back to the page again and again makes one request in this time. */
const RETURN_PAUSE_MS = 5_000;

/**
 * The sessions that this document saw end. A router's cache can bring back a page that was rendered before: what it says
 * of such a session is asked first. Never filled on a server.
 */
const ended = new Set<string>();

/** What one page knows of its session, outside of React. Makes no request and touches no global before it is started. */
export function createSessionStore(prefix: string, given: ClientSession | null | undefined): SessionStore {
  const routes = createRoutes(prefix);
  const initial = stateOf(given);
  const listeners = new Set<() => void>();
  let state = isOver(given) ? LOADING : initial;
  let lastGiven = JSON.stringify(given);
  let lastId = given?.sessionId;
  let lookedAtMs: number | undefined;
  let tabs: Tabs | undefined;
  /** What this tab or another has said last; a tab says nothing twice. */
  let said: string | null | undefined;
  let looking = new AbortController();
  let pending: Promise<SessionState> | undefined;

  function set(next: SessionState): void {
    state = next;
    for (const listener of listeners) listener();
  }

  /** What is being asked is older than what happens now. */
  function dropLook(): void {
    looking.abort();
    looking = new AbortController();
    pending = undefined;
  }

  function look(told?: TabMessage): Promise<SessionState> {
    dropLook();
    lookedAtMs = Date.now();
    pending = ask(looking, told);
    return pending;
  }

  async function ask(mine: AbortController, told?: TabMessage): Promise<SessionState> {
    try {
      const verdict = await routes.whoAmI(mine.signal);
      if (mine === looking) settle(verdict, told);
    } catch (error) {
      if (!(error instanceof SessionRequestError)) throw error;
      if (mine === looking) set(withError(state, error));
    }
    return mine === looking ? state : (pending ?? state);
  }

  function settle({ session, reason }: Verdict, told?: TabMessage): void {
    const before = state;
    if (lastId !== undefined) ended.add(lastId);
    if (session) ended.delete(session.sessionId);
    lastId = session?.sessionId;
    const isSame = before.session && JSON.stringify(before.session) === JSON.stringify(session);
    // The cookie goes with the answer that has the reason. Afterwards the server knows only that the session is missing.
    const why = (reason ?? "NoSession") === "NoSession" ? (told?.reason ?? before.reason ?? reason) : reason;
    set(stateOf(isSame ? before.session : session, why));
    // What another tab said is not said on: everybody has heard it, and would ask once more.
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
    const isKnown = state.status !== "loading" && state.status !== "unavailable";
    if (!isKnown || told.sessionId !== (state.session?.sessionId ?? null)) void look(told);
  }

  /** What is shown may be long over: nothing is, until the server has said so. */
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
      // Not at once: StrictMode starts, stops and starts again, and a page that starts may set up its device yet.
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
