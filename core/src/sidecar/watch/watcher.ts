import { END_REASONS, type EndReason, type FoundSession } from "../../contract/index.ts";

/** Without `userId`, an extension that not every sidecar has. */
export type WatchedState = Omit<FoundSession, "userId">;

/** What the sidecar answers when it is asked for a session by its id. */
export type WatchAnswer =
  | { readonly ok: true; readonly data: WatchedState }
  | { readonly ok: false; readonly error: { readonly type: string; readonly endReason?: unknown } };

/** How a session ended. */
export interface SessionEnd {
  readonly sessionId: string;
  /**
   * `NotFound`: the session ended longer ago than the sidecar keeps ended sessions, or the sidecar does not say why.
   * `TooManyWatched`: the session may still live, but this process already watches 100,000 sessions and cannot watch it.
   */
  readonly reason: EndReason | "NotFound" | "TooManyWatched";
}

/** Callbacks for a watched session; `S` is the form in which it is passed. All of them are optional. */
export interface Watcher<S> {
  /** The session ended. Called once; nothing is called after it. */
  onSessionEnd?(end: SessionEnd): unknown;
  /** The session's tags, metadata or `expiresAt` changed. A rotation is not a change. */
  onSessionChange?(session: S): unknown;
  /**
   * For a minute the sidecar did not answer, so it is not known whether the session still lives. Called once for each
   * outage. Only the absolute end is still reported then.
   */
  onSessionUnknown?(): unknown;
}

/** The parts of a session whose changes are reported. */
export type KnownSession = Pick<WatchedState, "expiresAt" | "sessionTags" | "metadata">;

/** Watches a session until it ends or the returned function is called. `known`: the session as the caller last saw it. */
export type WatchSession = (sessionId: string, watcher: Watcher<WatchedState>, known?: KnownSession) => () => void;

/** The same text for equal sessions. */
export function fingerprintOf({ expiresAt, sessionTags = [], metadata = null }: KnownSession): string {
  return JSON.stringify([expiresAt, sessionTags, metadata]);
}

const ENDS: ReadonlySet<unknown> = new Set(END_REASONS);

/** Why a session ended, if the error says that it ended. */
export function endOf({ type, endReason }: { type: string; endReason?: unknown }): EndReason | "NotFound" | undefined {
  if (type !== "SessionNotFound") return undefined;
  return ENDS.has(endReason) ? (endReason as EndReason) : "NotFound";
}

/** Calls a function of the application. Its errors are logged and affect nothing else. */
export function tell(call: (() => unknown) | undefined): void {
  if (!call) return;
  new Promise((resolve) => resolve(call())).catch((error: unknown) => console.error(error));
}
