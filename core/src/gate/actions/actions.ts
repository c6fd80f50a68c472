import type { Refusals } from "../../answers/refusals.ts";
import type { ForgetDevices } from "../../contract/index.ts";
import type { PresentedProof } from "../../device/proof.ts";
import { SessionActionError } from "../../errors.ts";
import type { ImpersonateOptions } from "../../impersonation/impersonated.ts";
import { describeClient } from "../../request/describe-client.ts";
import {
  changeSession,
  metadataAsJson,
  type ReadonlySessionMetadata,
  type Session,
  type SessionMetadata,
  type SessionTag,
} from "../../session.ts";
import type { ClientAnswer, SessionClient } from "../../sidecar/session-client.ts";
import { LiveSession, type SessionWatcher } from "../live-session.ts";
import type { RequestSession } from "../request-session.ts";
import type { CurrentSession } from "../session-in-use.ts";
import { actionError, challengeRequired, dataOf, errorOfAnswer } from "./action-errors.ts";
import { bindWhenRead } from "./bind-when-read.ts";
import { hasRememberedDevices, tellOfNewDevice } from "./new-device.ts";
import type { LoginOptions, SessionActions } from "./session-actions.ts";
import { startImpersonation } from "./start-impersonation.ts";
import { endPresented, endPresentedImpersonation, replaceSessions } from "./start-session.ts";
import { tagsOfLogin } from "./tags-of-login.ts";

export function createActions<N>(request: RequestSession<N>): SessionActions {
  return new RequestActions(request);
}

/** An application may destructure `req.byo`, so each of its methods is bound to it. */
class RequestActions<N> implements SessionActions {
  readonly #request: RequestSession<N>;
  readonly #commands: SessionClient["session"];
  readonly #refusals: Refusals;

  constructor(request: RequestSession<N>) {
    const { settings, refusals } = request.parts;
    this.#request = request;
    this.#commands = settings.client.session;
    this.#refusals = refusals;
  }

  get session(): Session | null {
    return this.#request.session;
  }

  getSession() {
    return this.#request.getSession();
  }

  login(options: LoginOptions) {
    return this.#start(options, options.lifetimeSecs);
  }

  async logout() {
    await endPresented(this.#request);
    this.#request.drop();
  }

  async impersonate(options: ImpersonateOptions) {
    if (!this.#request.sink.canWrite) throw this.#headersSent();
    return startImpersonation(this.#request, await this.#proved(), options);
  }

  async stopImpersonating() {
    await endPresentedImpersonation(this.#request);
    this.#request.stopImpersonation();
    return this.#request.getSession();
  }

  async logoutOthers({ forgetDevices = false }: ForgetDevices = {}) {
    const { session, presented } = await this.#proved();
    const data = {
      userId: session.userId,
      sessionTokenToKeep: presented.token,
      ...(forgetDevices && { forgetDevices }),
    };
    return this.#dataOf(await this.#commands.invalidateAllForUserExceptOne(data)).sessionsInvalidated;
  }

  async logoutEverywhere({ forgetDevices = false }: ForgetDevices = {}) {
    const { session } = await this.#proved();
    const data = { userId: session.userId, ...(forgetDevices && { forgetDevices }) };
    const { sessionsInvalidated } = this.#dataOf(await this.#commands.invalidateAllForUser(data));
    this.#request.drop();
    return sessionsInvalidated;
  }

  async listSessions() {
    const { session } = await this.#current();
    const { sessions } = this.#dataOf(await this.#commands.fetchAllForUser({ userId: session.userId }));
    return sessions.map(({ sessionId, createdAt, expiresAt, idleExpiresAt, lastActivityAt, device, ipAddress }) => ({
      ...{ sessionId, createdAt, expiresAt, lastActivityAt, device },
      ...(idleExpiresAt !== undefined && { idleExpiresAt }),
      ...(ipAddress !== undefined && { ipAddress }),
      current: sessionId === session.sessionId,
    }));
  }

  async revoke(sessionId: string) {
    const { session } = await this.#proved();
    this.#dataOf(await this.#commands.invalidateById({ sessionId, userId: session.userId }));
    if (sessionId === session.sessionId) this.#request.drop();
  }

  async update({ metadata }: { metadata: SessionMetadata | null }) {
    const { session } = await this.#own();
    const newMetadata = metadataAsJson(metadata);
    this.#dataOf(await this.#commands.update({ sessionId: session.sessionId, newMetadata }));
    return this.#change({ metadata });
  }

  async setTags({ add = [], remove = [] }: { add?: SessionTag[]; remove?: SessionTag[] }) {
    const { session } = await this.#own();
    const { sessionId } = session;
    this.#dataOf(await this.#commands.update({ sessionId, tagsToAdd: add, tagsToRemove: remove }));
    const kept = session.tags.filter((tag) => !remove.includes(tag));
    return this.#change({ tags: [...new Set([...kept, ...add])] });
  }

  async reauthenticate() {
    const { session, presented } = await this.#own();
    const { userId, tags, metadata, createdAt, expiresAt } = session;
    const carried = { tags: [...tags], ...(metadata !== undefined && { metadata }) };
    // The login may have asked for less than the policy allows.
    const lifetimeSecs = expiresAt - createdAt;
    return this.#start({ userId, ...carried, persistent: presented.persistent, lifetimeSecs });
  }

  watch(watcher: SessionWatcher) {
    const { session } = this;
    if (!session) throw actionError("ERR_NO_SESSION", "NoSession", "there is no session to watch", this.#refusals);
    if (this.#request.isImpersonated) throw this.#impersonated();
    const { parts, sink } = this.#request;
    const live = new LiveSession(parts.settings.client, session);
    const stop = live.watch(watcher);
    sink.whenClosed?.(stop);
    return stop;
  }

  async upgradeTicket() {
    const { session } = await this.#proved();
    if (this.#commands.createUpgradeTicket) {
      return this.#dataOf(await this.#commands.createUpgradeTicket({ sessionId: session.sessionId }));
    }
    const message = "this sidecar client does not support tickets: use createClient() from @byo-session/core";
    throw actionError("ERR_SIDECAR_UNAVAILABLE", "SidecarUnavailable", message, this.#refusals);
  }

  async deviceChallenge() {
    return this.#dataOf(await this.#commands.device.createChallenge(describeClient(this.#request.view)));
  }

  async registerDevice() {
    const { session, presented } = await this.#proved();
    const registration = registrationOf(this.#request.proof, false);
    if (!registration) {
      const message =
        "expected a device proof in the DPoP header, and `publicUrl` in the options: send the request with fetchWithDevice()";
      throw actionError("ERR_DEVICE_PROOF_MISSING", "BadRequest", message, this.#refusals);
    }
    const data = {
      sessionToken: presented.token,
      ...registration,
      ...this.#request.deviceCookieToRenew,
      ...describeClient(this.#request.view),
    };
    const { newDeviceDetected, newDeviceCookie } = this.#dataOf(await this.#commands.device.register(data));
    if (newDeviceCookie) this.#request.giveDeviceCookie(newDeviceCookie);
    await this.#change({ hasDeviceRegistered: true, deviceEvidence: "proof" });
    if (newDeviceDetected) await tellOfNewDevice(this.#request, session, "device");
    return { newDeviceDetected };
  }

  /** The session that the request may read. */
  async #current(): Promise<CurrentSession> {
    await this.#request.getSession();
    const { current } = this.#request;
    if (current) return current;
    if (this.#request.lacksProof) throw this.#proofMissing();
    if (this.#request.isImpersonated) throw this.#impersonated();
    throw actionError("ERR_NO_SESSION", "NoSession", "there is no session to act on", this.#refusals);
  }

  /** The same for what only its user may do. */
  async #own(): Promise<CurrentSession> {
    const current = await this.#current();
    if (current.own) throw this.#impersonated();
    return current;
  }

  /**
   * The same for actions on other sessions or devices: they require a proof, even in an app with `device: "recent"`.
   */
  async #proved(): Promise<CurrentSession> {
    const current = await this.#own();
    if (this.#request.lacksProof) throw this.#proofMissing();
    return current;
  }

  #impersonated(): SessionActionError {
    const message = "this action is refused while an employee acts as the user: call stopImpersonating() first";
    return actionError("ERR_REFUSED", "ImpersonationRefused", message, this.#refusals);
  }

  #proofMissing(): SessionActionError {
    this.#request.noteMissingProof();
    const message =
      "this action requires a proof of the session's device in the same request: send it with fetchWithDevice()";
    return actionError("ERR_REFUSED", "DeviceVerificationRequired", message, this.#refusals);
  }

  async #start(
    options: Omit<LoginOptions, "metadata"> & { metadata?: ReadonlySessionMetadata | SessionMetadata },
    maxLifetimeSecs?: number,
  ): Promise<Session> {
    const request = this.#request;
    if (!request.sink.canWrite) throw this.#headersSent();
    const { userId, metadata, oidc, lifetimeSecs, rememberDevice = false, persistent = true } = options;
    const tags = await tagsOfLogin(options.tags, oidc, this.#refusals);
    const registration = registrationOf(request.proof, rememberDevice);
    const wanted = {
      userId,
      ...tags,
      ...(lifetimeSecs !== undefined && { lifetimeSecs }),
      ...(metadata !== undefined && { metadata: metadataAsJson(metadata) }),
      ...(registration && { deviceRegistration: registration, ...request.deviceCookieToRenew }),
    };
    const { session, created } = await replaceSessions(request, wanted, maxLifetimeSecs).catch(
      async (error: unknown) => {
        throw registration && isRefusedRegistration(error) ? await this.#newChallenge() : error;
      },
    );
    const isNew = registration ? created.newDeviceDetected : await hasRememberedDevices(request, userId);
    if (isNew) await tellOfNewDevice(request, session, registration ? "device" : "none");
    if (!request.sink.canWrite) {
      // The handler did not wait, or the client has disconnected: the token can no longer reach it.
      await this.#commands.invalidateByToken({ sessionToken: created.sessionToken });
      throw this.#headersSent();
    }
    // Nothing can fail after this point: a login either completes or leaves nothing behind. It is undone if the client
    // disconnects before the response.
    request.sink.whenLost?.(() => void this.#commands.invalidateByToken({ sessionToken: created.sessionToken }));
    const via = options.via ?? (request.credentials.via === "bearer" ? "bearer" : "cookie");
    request.adopt(session, { token: created.sessionToken, persistent }, via);
    if (via === "cookie") request.parts.noticeLogin(request.view);
    if (created.newDeviceCookie) request.giveDeviceCookie(created.newDeviceCookie);
    return session;
  }

  /** The contract has no error for a stale challenge at a login; a fresh challenge lets the browser try again. */
  async #newChallenge(): Promise<SessionActionError> {
    const answer = await this.#commands.device.createChallenge(describeClient(this.#request.view));
    return answer.ok ? challengeRequired(answer.data, this.#refusals) : errorOfAnswer(answer, this.#refusals);
  }

  async #change(changed: Parameters<typeof changeSession>[1]): Promise<Session> {
    const current = await this.#current();
    current.session = changeSession(current.session, changed);
    this.#request.forgetStateless();
    return current.session;
  }

  #dataOf<T>(answer: ClientAnswer<T>): T {
    return dataOf(answer, this.#refusals);
  }

  #headersSent(): SessionActionError {
    const { cannotWrite } = this.#request.sink;
    const message =
      cannotWrite ??
      "the session's cookie cannot reach the client: the response headers are already sent, or the client has " +
        "disconnected. Await login() or logout() before you send anything";
    return actionError("ERR_HEADERS_SENT", "HeadersSent", message, this.#refusals);
  }
}

bindWhenRead(RequestActions.prototype);

function registrationOf(proof: PresentedProof, rememberDevice: boolean) {
  return proof.kind === "proof" ? { ...proof.proof, rememberDevice } : undefined;
}

function isRefusedRegistration(error: unknown): boolean {
  return error instanceof SessionActionError && error.code === "ERR_DEVICE_REGISTRATION_REFUSED";
}
