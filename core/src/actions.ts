import { actionError, dataOf, errorOfAnswer } from "./action-errors.ts";
import type { DeviceChallenge, SessionDevice } from "./contract/index.ts";
import type { PresentedProof } from "./device.ts";
import { describeClient } from "./engine.ts";
import { SessionActionError } from "./errors.ts";
import type { CurrentSession, RequestSession } from "./request-session.ts";
import {
  changeSession,
  metadataAsJson,
  type ReadonlySessionMetadata,
  type Session,
  type SessionMetadata,
  type SessionTag,
} from "./session.ts";
import type { UpgradeTicket } from "./sidecar/session-client.ts";
import { endPresented, replaceSessions } from "./start-session.ts";

export interface LoginOptions {
  userId: string;
  /** `{type}:{value}` each. Default: none. */
  tags?: SessionTag[];
  metadata?: SessionMetadata;
  /** Remembers the device that the request proves, for the user's later logins. Default: false. */
  rememberDevice?: boolean;
  /** False: the cookie ends with the browser's session. Default: true. */
  persistent?: boolean;
  /** How the client keeps the token. Default: as this request sent one, else `cookie`. */
  via?: "cookie" | "bearer";
}

export interface ListedSession {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastActivityAt: number;
  readonly device: SessionDevice;
  readonly ipAddress?: string;
  /** The session of this very request. */
  readonly current: boolean;
}

/**
 * What a request can do with sessions. Every action throws a {@link SessionActionError} when it could not be done; left
 * unhandled, that is the answer to the request.
 */
export interface SessionActions {
  /** As the request's own session property: null when there is none. */
  readonly session: Session | null;
  /** Validates now if that has not happened yet (`lazy`). */
  getSession(): Promise<Session | null>;
  /** Makes a new session and ends every one that the request presented. Before any header is sent. */
  login(options: LoginOptions): Promise<Session>;
  /** Ends the sessions that the request presented; fine without any. */
  logout(): Promise<void>;
  /** Ends the user's other sessions; gives their number. */
  logoutOthers(): Promise<number>;
  /** Ends all sessions of the user, this one too; gives their number. */
  logoutEverywhere(): Promise<number>;
  listSessions(): Promise<ListedSession[]>;
  /** Ends one of the user's own sessions. `ERR_SESSION_NOT_FOUND` for another user's. */
  revoke(sessionId: string): Promise<void>;
  /** Replaces the metadata; null removes it. */
  update(change: { metadata: SessionMetadata | null }): Promise<Session>;
  /** Tags carry policy: never let a user choose them. */
  setTags(change: { add?: SessionTag[]; remove?: SessionTag[] }): Promise<Session>;
  /** After the user has proved who they are once more: the same session under a new id and token. */
  reauthenticate(): Promise<Session>;
  /** Lets the page of a session with a device open a WebSocket, which can carry no proof: once, within 30 s. */
  upgradeTicket(): Promise<UpgradeTicket>;
  /** A challenge for the browser's device key to sign. */
  deviceChallenge(): Promise<DeviceChallenge>;
  /** Binds the session to the device whose proof the request carries. */
  registerDevice(options?: { rememberDevice?: boolean }): Promise<{ newDeviceDetected: boolean }>;
}

export function createActions<N>(request: RequestSession<N>): SessionActions {
  const { view, parts } = request;
  const { settings, refusals } = parts;
  const commands = settings.client.session;

  async function currentSession(): Promise<CurrentSession> {
    await request.getSession();
    const { current } = request;
    if (!current) throw actionError("ERR_NO_SESSION", "NoSession", "there is no session to act on", refusals);
    const { hasDeviceRegistered, deviceVerified } = current.session;
    if (hasDeviceRegistered && !deviceVerified && settings.enforceDevices) {
      const message = "a page load without a device proof may only log out";
      throw actionError("ERR_REFUSED", "DeviceVerificationRequired", message, refusals);
    }
    return current;
  }

  function headersSent(): SessionActionError {
    const message = "the headers are sent: log in, and await it, before anything of the response is";
    return actionError("ERR_HEADERS_SENT", "HeadersSent", message, refusals);
  }

  async function start(
    options: Omit<LoginOptions, "metadata"> & { metadata?: ReadonlySessionMetadata | SessionMetadata },
  ): Promise<Session> {
    if (!request.sink.canWrite) throw headersSent();
    const { userId, tags, metadata, rememberDevice = false, persistent = true } = options;
    const registration = registrationOf(request.proof, rememberDevice);
    const { session, created } = await replaceSessions(request, {
      userId,
      ...(tags && { tags }),
      ...(metadata !== undefined && { metadata: metadataAsJson(metadata) }),
      ...(registration && { deviceRegistration: registration }),
    }).catch(async (error: unknown) => {
      throw registration && isRefusedRegistration(error) ? await newChallenge() : error;
    });
    if (!request.sink.canWrite) {
      // The handler did not wait: the token can reach nobody any more.
      await commands.invalidateByToken({ sessionToken: created.sessionToken });
      throw headersSent();
    }
    const via = options.via ?? (request.credentials.via === "bearer" ? "bearer" : "cookie");
    request.adopt(session, { token: created.sessionToken, persistent }, via);
    const proof = registration ? "device" : "none";
    if (registration ? created.newDeviceDetected : await hasRememberedDevices(userId)) {
      await settings.onNewDevice?.({ userId, sessionId: session.sessionId, ...seenAs(request), proof });
    }
    return session;
  }

  /** Someone who fishes for passwords just leaves the proof out: to a user with devices that is a new one too. */
  async function hasRememberedDevices(userId: string): Promise<boolean> {
    if (!settings.onNewDevice || !commands.device.fetchRememberedForUser) return false;
    const answer = await commands.device.fetchRememberedForUser({ userId });
    return answer.ok && answer.data.devices.length > 0;
  }

  /** A stale challenge at a login has no answer of its own in the contract; a fresh one lets the browser try again. */
  async function newChallenge(): Promise<SessionActionError> {
    const answer = await commands.device.createChallenge(describeClient(view));
    if (!answer.ok) return errorOfAnswer(answer, refusals);
    return errorOfAnswer({ ok: false, error: { type: "NewDeviceChallengeRequired", details: answer.data } }, refusals);
  }

  async function change(changed: Parameters<typeof changeSession>[1]): Promise<Session> {
    const current = await currentSession();
    current.session = changeSession(current.session, changed);
    return current.session;
  }

  return {
    get session() {
      return request.session;
    },
    getSession: () => request.getSession(),
    login: start,

    async logout() {
      await endPresented(request);
      request.drop();
    },

    async logoutOthers() {
      const { session, presented } = await currentSession();
      const data = { userId: session.userId, sessionTokenToKeep: presented.token };
      return dataOf(await commands.invalidateAllForUserExceptOne(data), refusals).sessionsInvalidated;
    },

    async logoutEverywhere() {
      const { session } = await currentSession();
      const { sessionsInvalidated } = dataOf(await commands.invalidateAllForUser({ userId: session.userId }), refusals);
      request.drop();
      return sessionsInvalidated;
    },

    async listSessions() {
      const { session } = await currentSession();
      const { sessions } = dataOf(await commands.fetchAllForUser({ userId: session.userId }), refusals);
      return sessions.map(({ sessionId, createdAt, expiresAt, lastActivityAt, device, ipAddress }) => ({
        ...{ sessionId, createdAt, expiresAt, lastActivityAt, device },
        ...(ipAddress !== undefined && { ipAddress }),
        current: sessionId === session.sessionId,
      }));
    },

    async revoke(sessionId) {
      const { session } = await currentSession();
      dataOf(await commands.invalidateById({ sessionId, userId: session.userId }), refusals);
      if (sessionId === session.sessionId) request.drop();
    },

    async update({ metadata }) {
      const { session } = await currentSession();
      dataOf(await commands.update({ sessionId: session.sessionId, newMetadata: metadataAsJson(metadata) }), refusals);
      return change({ metadata });
    },

    async setTags({ add = [], remove = [] }) {
      const { session } = await currentSession();
      const { sessionId } = session;
      dataOf(await commands.update({ sessionId, tagsToAdd: add, tagsToRemove: remove }), refusals);
      const kept = session.tags.filter((tag) => !remove.includes(tag));
      return change({ tags: [...new Set([...kept, ...add])] });
    },

    async reauthenticate() {
      const { session, presented } = await currentSession();
      const { userId, tags, metadata } = session;
      const carried = { tags: [...tags], ...(metadata !== undefined && { metadata }) };
      return start({ userId, ...carried, persistent: presented.persistent });
    },

    async upgradeTicket() {
      const { session } = await currentSession();
      if (commands.createUpgradeTicket) {
        return dataOf(await commands.createUpgradeTicket({ sessionId: session.sessionId }), refusals);
      }
      const message = "the client of the sidecar knows no tickets: use createClient() of @byo-session/core";
      throw actionError("ERR_SIDECAR_UNAVAILABLE", "SidecarUnavailable", message, refusals);
    },

    deviceChallenge: async () => dataOf(await commands.device.createChallenge(describeClient(view)), refusals),

    async registerDevice({ rememberDevice = false } = {}) {
      const { presented } = await currentSession();
      const registration = registrationOf(request.proof, rememberDevice);
      if (!registration) {
        const message = "the request carries no device proof (header DPoP), or `publicUrl` is not set";
        throw actionError("ERR_DEVICE_PROOF_MISSING", "BadRequest", message, refusals);
      }
      const data = { sessionToken: presented.token, ...registration, ...describeClient(view) };
      const registered = dataOf(await commands.device.register(data), refusals);
      await change({ hasDeviceRegistered: true, deviceVerified: true });
      return registered;
    },
  };
}

function registrationOf(proof: PresentedProof, rememberDevice: boolean) {
  return proof.kind === "proof" ? { ...proof.proof, rememberDevice } : undefined;
}

function isRefusedRegistration(error: unknown): boolean {
  return error instanceof SessionActionError && error.code === "ERR_DEVICE_REGISTRATION_REFUSED";
}

function seenAs<N>({ view }: RequestSession<N>): { ip?: string; userAgent?: string } {
  const { ipAddress, userAgent } = describeClient(view);
  return { ...(ipAddress !== undefined && { ip: ipAddress }), ...(userAgent !== undefined && { userAgent }) };
}
