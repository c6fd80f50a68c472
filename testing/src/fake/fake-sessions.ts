import { END_REASONS, type JsonValue } from "@byo-session/core/contract";
import type { FakeRefusal } from "./refusals.ts";

/** Replaces a row of the sidecar's database. Times are in Unix seconds. */
export interface HeldSession {
  readonly sessionId: string;
  readonly token: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The fake does not move it. */
  readonly idleExpiresAt?: number | undefined;
  tags: readonly string[];
  metadata?: JsonValue | undefined;
  /** The proof that requests must carry, instead of one by a device's key. */
  device?: string | undefined;
  /** What every validation answers instead of the session, including how it ended. */
  refusal?: FakeRefusal | undefined;
}

/** The sidecar's own default. */
export const LIFETIME_SECS = 14 * 24 * 60 * 60;

/** The sessions of a fake sidecar. */
export interface FakeSessions {
  readonly nowSecs: () => number;
  hold(wanted: Partial<HeldSession> & Pick<HeldSession, "userId">): HeldSession;
  byToken(token: string | undefined): HeldSession | undefined;
  /** Only for a living session, like the next one. */
  byId(sessionId: string): HeldSession | undefined;
  ofUser(userId: string): HeldSession[];
  living(): HeldSession[];
}

export function createFakeSessions(nowSecs: () => number): FakeSessions {
  const held = new Map<string, HeldSession>();
  const hasEnded = ({ refusal, expiresAt, idleExpiresAt = expiresAt }: HeldSession) =>
    nowSecs() >= Math.min(expiresAt, idleExpiresAt) || END_REASONS.some((reason) => reason === refusal);
  const living = () => [...held.values()].filter((session) => !hasEnded(session));

  return {
    nowSecs,
    hold(wanted) {
      const { sessionId = crypto.randomUUID(), createdAt = nowSecs() } = wanted;
      const session: HeldSession = {
        tags: [],
        ...wanted,
        sessionId,
        // Must not be guessable: others may be able to reach an app under test.
        token: `fake_session_${crypto.randomUUID()}`,
        createdAt,
        expiresAt: wanted.expiresAt ?? createdAt + LIFETIME_SECS,
      };
      held.set(sessionId, session);
      return session;
    },
    byToken: (token) => [...held.values()].find((session) => session.token === token),
    byId: (sessionId) => living().find((session) => session.sessionId === sessionId),
    living,
    ofUser: (userId) => living().filter((session) => session.userId === userId),
  };
}
