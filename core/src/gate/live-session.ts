import { createSession, metadataAsJson, type Session } from "../session.ts";
import type { SessionClient, WatchingClient } from "../sidecar/session-client.ts";
import type { SessionEnd, WatchedState, Watcher } from "../sidecar/watch/watcher.ts";

/** Callbacks for a session while a socket or a stream is open. All of them are optional. */
export type SessionWatcher = Watcher<Session>;

/** A session that may outlive its request: reports what happens to it. */
export class LiveSession {
  readonly session: Session;
  readonly #client: WatchingClient;
  readonly #stops = new Set<() => void>();
  #closed: Promise<SessionEnd> | undefined;
  #isReleased = false;

  constructor(client: WatchingClient, session: Session) {
    this.#client = client;
    this.session = session;
  }

  /** Resolves when the session ended. The first read of this property starts the watch. */
  get closed(): Promise<SessionEnd> {
    this.#closed ??= new Promise((onSessionEnd) => this.watch({ onSessionEnd }));
    return this.#closed;
  }

  watch(watcher: SessionWatcher): () => void {
    // The socket is already closed: nothing would ever stop the watch.
    if (this.#isReleased) return () => {};
    const { session } = this;
    const { onSessionChange } = watcher;
    const end = this.#client.watch(
      session.sessionId,
      {
        onSessionEnd: (ended) => watcher.onSessionEnd?.(ended),
        ...(onSessionChange && { onSessionChange: (state) => onSessionChange(asSession(state, session)) }),
        onSessionUnknown: () => watcher.onSessionUnknown?.(),
      },
      asKnown(session),
    );
    const stop = () => {
      this.#stops.delete(stop);
      end();
    };
    this.#stops.add(stop);
    return stop;
  }

  /** Stops all watches; no new one starts. */
  release(): void {
    this.#isReleased = true;
    for (const stop of [...this.#stops]) stop();
  }

  async revalidate(): Promise<Revalidation> {
    return revalidate(this.#client, this.session);
  }
}

export type Revalidation =
  | { readonly ok: true; readonly session: Session }
  /** `SidecarUnavailable` says nothing about the session. */
  | { readonly ok: false; readonly reason: "NotFound" | "SidecarUnavailable" };

async function revalidate(client: SessionClient, session: Session): Promise<Revalidation> {
  const answer = await client.session.fetchById({ sessionId: session.sessionId });
  if (!answer.ok) {
    return { ok: false, reason: answer.error.type === "SessionNotFound" ? "NotFound" : "SidecarUnavailable" };
  }
  return { ok: true, session: asSession(answer.data, session) };
}

/** The session as it is now; what the sidecar does not tell of it does not change while it lives. */
function asSession({ sessionTags, ...state }: WatchedState, { userId, ...session }: Session): Session {
  const { hasDeviceRegistered, deviceEvidence } = session;
  const fresh = { ...state, userId, hasDeviceRegistered, ...(sessionTags && { tags: sessionTags }) };
  return createSession(fresh, deviceEvidence);
}

function asKnown({ expiresAt, tags, metadata }: Session) {
  return { expiresAt, sessionTags: [...tags], ...(metadata !== undefined && { metadata: metadataAsJson(metadata) }) };
}
