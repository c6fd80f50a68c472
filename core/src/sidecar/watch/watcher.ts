import { END_REASONS, type EndReason, type FoundSession } from "../../contract/index.ts";

/** Without `userId`, which not every sidecar tells. */
export type WatchedState = Omit<FoundSession, "userId">;

/** What the sidecar answers when it is asked for a session by its id. */
export type WatchAnswer =
  | { readonly ok: true; readonly data: WatchedState }
  | { readonly ok: false; readonly error: { readonly type: string; readonly endReason?: unknown } };

/** How a session ended. */
export interface SessionEnd {
  readonly sessionId: string;
  /**
   * `NotFound`: it ended longer ago than the sidecar keeps such sessions, or the sidecar does not say why.
   * `TooManyWatched`: it may live on, but this process watches 100,000 sessions already, and nobody would tell of its end.
   */
  readonly reason: EndReason | "NotFound" | "TooManyWatched";
}

/** What is told of a session while it is watched; `S` is how it is shown. All of these are optional. */
export interface Watcher<S> {
  /** It has ended, by a person or by time. Told once, and nothing after it. */
  onSessionEnd?(end: SessionEnd): unknown;
  /** Its tags, its metadata or its `expiresAt` have changed. A rotation is no change. */
  onSessionChange?(session: S): unknown;
  /**
   * For a minute the sidecar could not be asked, so nobody knows whether the session lives. Told once each time. Only the
   * absolute end is known then: it is told without the sidecar.
   */
  onSessionUnknown?(): unknown;
}

/** What of a session is compared: its changes are told. */
export type KnownSession = Pick<WatchedState, "expiresAt" | "sessionTags" | "metadata">;

/** Watches a session until it ends or the returned function is called. `known`: how the caller has seen it last. */
export type WatchSession = (sessionId: string, watcher: Watcher<WatchedState>, known?: KnownSession) => () => void;

/** Equal for equal sessions. */
export function fingerprintOf({ expiresAt, sessionTags = [], metadata = null }: KnownSession): string {
  return JSON.stringify([expiresAt, sessionTags, metadata]);
}

const ENDS: ReadonlySet<unknown> = new Set(END_REASONS);

/** Why the sidecar says that a session is over; undefined: it does not say that it is. */
export function endOf({ type, endReason }: { type: string; endReason?: unknown }): EndReason | "NotFound" | undefined {
  if (type !== "SessionNotFound") return undefined;
  return ENDS.has(endReason) ? (endReason as EndReason) : "NotFound";
}

/** Calls an application's function. What goes wrong in it is nobody's but the application's. */
export function tell(call: (() => unknown) | undefined): void {
  if (!call) return;
  new Promise((resolve) => resolve(call())).catch((error: unknown) => console.error(error));
}
