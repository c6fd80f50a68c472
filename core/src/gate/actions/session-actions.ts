import type { OidcClaims } from "../../backchannel-logout/oidc-tags.ts";
import type { DeviceChallenge, ForgetDevices, SessionDevice } from "../../contract/index.ts";
import type { ImpersonateOptions } from "../../impersonation/impersonated.ts";
import type { Session, SessionMetadata, SessionTag } from "../../session.ts";
import type { UpgradeTicket } from "../../sidecar/session-client.ts";
import type { SessionWatcher } from "../live-session.ts";

export interface LoginOptions {
  userId: string;
  /** `{type}:{value}` each. Default: none. */
  tags?: SessionTag[];
  metadata?: SessionMetadata;
  /** Remembers the device that this request proves, for the user's later logins. Default: false. */
  rememberDevice?: boolean;
  /** False: the cookie ends with the browser's session. Default: true. */
  persistent?: boolean;
  /**
   * How long this session lasts at most, in whole seconds from now, such as for a shared computer. The policy's
   * `absolute_lifetime_secs` still applies, also if it is changed later. Default: the policy's.
   */
  lifetimeSecs?: number;
  /**
   * The claims of the ID token, if the user logged in at an OpenID provider: its logout tokens then end this session.
   * They become two tags, `oidc_sub:…` and `oidc_sid:…`. Default: none.
   */
  oidc?: OidcClaims;
  /** How the client stores the token. Default: the way this request sent one, or `cookie`. */
  via?: "cookie" | "bearer";
}

export interface ListedSession {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When it ends if it is not used until then. Only with an inactivity timeout. */
  readonly idleExpiresAt?: number;
  readonly lastActivityAt: number;
  readonly device: SessionDevice;
  readonly ipAddress?: string;
  /** Whether it is the session of this request. */
  readonly current: boolean;
}

/**
 * What a request can do with sessions. An action that fails throws a {@link SessionActionError}; if you do not handle
 * it, it becomes the response.
 *
 * While an employee acts as a user, what changes sessions, tags, metadata or devices is refused (`ERR_REFUSED`, reason
 * `ImpersonationRefused`), wherever it is called: that is for the user to do. A login and a logout end both sessions.
 */
export interface SessionActions {
  /** The same as the request's session property: null if there is no session. */
  readonly session: Session | null;
  /** Validates the session now if that has not happened yet (`lazy`). */
  getSession(): Promise<Session | null>;
  /** Creates a session and ends every session that the request presented. Call it before any header is sent. */
  login(options: LoginOptions): Promise<Session>;
  /**
   * Ends every session that the request presented, including those under an earlier cookie name. Does nothing if there
   * is none. Throws `ERR_SIDECAR_UNAVAILABLE` if one of them may still be living; the cookie then stays.
   */
  logout(): Promise<void>;
  /** Ends the user's other sessions, and returns their number. */
  logoutOthers(options?: ForgetDevices): Promise<number>;
  /** Ends all sessions of the user, including this one, and returns their number. */
  logoutEverywhere(options?: ForgetDevices): Promise<number>;
  listSessions(): Promise<ListedSession[]>;
  /**
   * Lets the employee of this session act as a user, until `stopImpersonating()`, a logout, or the time that the sidecar's
   * configuration gives. Requests that read then have the user's session, with its `impersonator`. The configuration says
   * who may; your app checks whom they may choose. Throws `ERR_REFUSED` with the reason `ImpersonationDisabled`,
   * `UnauthorizedEmployee`, or `ImpersonationRefused` for an employee who already acts as a user.
   */
  impersonate(options: ImpersonateOptions): Promise<Session>;
  /** Ends it, and returns the employee's own session; null if they have none. Does nothing if nobody is impersonated. */
  stopImpersonating(): Promise<Session | null>;
  /** Ends one of the user's own sessions. Throws `ERR_SESSION_NOT_FOUND` for another user's session. */
  revoke(sessionId: string): Promise<void>;
  /** Replaces the metadata; null removes it. */
  update(change: { metadata: SessionMetadata | null }): Promise<Session>;
  /** Changes the session's tags. Tags select policies: never let a user choose them. */
  setTags(change: { add?: SessionTag[]; remove?: SessionTag[] }): Promise<Session>;
  /**
   * Gives the session a new id and token, for as long as it would have lasted from its login. Call it after the user has
   * proved who they are again.
   */
  reauthenticate(): Promise<Session>;
  /**
   * Reports the end and the changes of this request's session during a long response, such as server-sent events, until the
   * response closes or the returned function is called. `ERR_NO_SESSION` without a session.
   *
   * @example req.byo.watch({ onSessionEnd: () => res.end() });
   */
  watch(watcher: SessionWatcher): () => void;
  /**
   * Returns a ticket with which the page of a session with a device can open one WebSocket within 30 seconds. A
   * WebSocket request cannot carry a proof.
   */
  upgradeTicket(): Promise<UpgradeTicket>;
  /** A challenge for the browser's device key to sign. */
  deviceChallenge(): Promise<DeviceChallenge>;
  /**
   * Binds the session to the device whose proof the request carries. Possible soon after the login (the policy's
   * `device_registration_window_secs`), later only after `reauthenticate()`. A device is remembered only at a login.
   */
  registerDevice(): Promise<{ newDeviceDetected: boolean }>;
}
