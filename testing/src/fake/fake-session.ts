import type { SessionClient, SessionMetadata, SessionTag } from "@byo-session/core";
import type { JsonValue } from "@byo-session/core/contract";
import { type TokenOptions, tokenHeaders } from "../token-headers.ts";
import { createFakeClient, deviceCookieOf } from "./fake-client.ts";
import { createFakeImpersonations } from "./fake-impersonations.ts";
import { createFakeSessions } from "./fake-sessions.ts";
import type { FakeRefusal } from "./refusals.ts";

export interface FakeSessionOptions extends TokenOptions {
  /** Default: `test-user`. */
  userId?: string;
  /** Default: a random one. */
  sessionId?: string;
  /** Default: none. */
  tags?: SessionTag[];
  /** Default: none. */
  metadata?: SessionMetadata;
  /** When the user logged in, in Unix seconds: what `maxAuthAgeSecs` counts from. Default: now. */
  createdAt?: number;
  /** The absolute end, in Unix seconds. Default: 14 days after `createdAt`. */
  expiresAt?: number;
  /** When the session becomes inactive, in Unix seconds. Requests do not move it. Default: never. */
  idleExpiresAt?: number;
  /**
   * The session is bound to a device. `proof` sends a proof, for which the app needs `publicUrl`; `recent` sends the
   * device cookie; `unproved` sends neither, as a thief of the session cookie would. Default: no device.
   */
  device?: "proof" | "recent" | "unproved";
  /**
   * An employee acts as the user: the session is the employee's own, with everything else that is given here; `userId`,
   * `tags` and `metadata` are what the app sees. The app gets `req.session.impersonator`. Default: nobody does.
   */
  impersonator?: FakeImpersonator;
  /** What the sidecar answers instead of the session. Default: the session. */
  refused?: FakeRefusal;
}

export interface FakeImpersonator {
  employeeEmail: string;
  /** The employee's own user id. Default: `test-employee`. */
  userId?: string;
}

const nowSecs = () => Math.floor(Date.now() / 1000);
const sessions = createFakeSessions(nowSecs);
const impersonations = createFakeImpersonations(nowSecs);

/**
 * The client to pass to `byoSession({ client })` in tests. It knows the sessions of `fakeSession()` and those that the
 * app creates with `login()`, in this process and without a port. The rest of the middleware is real.
 *
 * It has no policy: no limits, no addresses, no rotation, no WebSocket tickets. To test those, use
 * `startTestSidecar()`.
 */
export const fakeClient: SessionClient = createFakeClient(sessions, impersonations);

/**
 * Creates a session in the fake sidecar, and returns the request headers that present it. A request without them is
 * anonymous.
 *
 * @example
 * const app = createApp({ client: fakeClient });
 * await request(app).get("/admin").set(fakeSession({ userId: "ada", tags: ["role:admin"] })).expect(200);
 */
export function fakeSession(options: FakeSessionOptions = {}): Record<string, string> {
  const { sessionId, createdAt, expiresAt, idleExpiresAt, device, refused, impersonator } = options;
  const shown = { userId: options.userId ?? "test-user", tags: options.tags ?? [], metadata: copyOf(options.metadata) };
  const own = impersonator ? { userId: impersonator.userId ?? "test-employee", tags: [], metadata: undefined } : shown;
  const proof = `fake-proof-${crypto.randomUUID()}`;
  const session = sessions.hold({
    ...{ ...own, sessionId, createdAt, expiresAt, idleExpiresAt },
    device: device && proof,
    refusal: refused,
  });
  // Only a request with a proof gets a challenge for a newer one.
  const proves = device === "proof" || refused === "NewDeviceChallengeRequired";
  const deviceCookie = device === "recent" ? deviceCookieOf(session) : undefined;
  const impersonationToken = impersonator && impersonations.of(session, impersonator.employeeEmail, shown);
  return {
    ...tokenHeaders(session.token, { ...options, deviceCookie, impersonationToken }),
    ...(proves && { dpop: proof }),
  };
}

/** What the sidecar would have received: a copy, as JSON. */
function copyOf(metadata: SessionMetadata | undefined): JsonValue | undefined {
  return metadata === undefined ? undefined : JSON.parse(JSON.stringify(metadata));
}
