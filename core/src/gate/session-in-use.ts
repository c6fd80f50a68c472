import type { NewDeviceCookie } from "../contract/index.ts";
import type { CompanionCookie } from "../cookies/companion-cookie.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { CredentialResponse, type ResponseSink } from "../credentials/credential-response.ts";
import type { ReplacedSessions } from "../credentials/replaced-sessions.ts";
import { type DeviceDemand, meetsDemand } from "../device/evidence.ts";
import { ConfigurationError } from "../errors.ts";
import { describeClient } from "../request/describe-client.ts";
import type { RequestView } from "../request/request-view.ts";
import type { Session } from "../session.ts";
import type { SessionClient } from "../sidecar/session-client.ts";
import type { Examination } from "../verdict/engine.ts";
import type { StatelessSessions } from "../verdict/stateless-sessions.ts";
import type { ActivityAnswer } from "../verdict/verdict.ts";
import { RequestActivity } from "./activity.ts";
import { anonymous, type Outcome } from "./outcome.ts";
import { PresentedRequest, type PresentingParts } from "./presented-request.ts";

/** What using a session needs of its application. */
export interface UsingParts<N> extends PresentingParts<N> {
  readonly settings: PresentingParts<N>["settings"] & { readonly client: SessionClient; readonly device: DeviceDemand };
  readonly replaced: ReplacedSessions;
  /** The cookies that go with the session's. */
  readonly companions: readonly CompanionCookie[];
  /** Undefined: no session is known without asking, or holding an answer. */
  readonly stateless: StatelessSessions | undefined;
}

/** The session in use and its token in this request. */
export interface CurrentSession {
  session: Session;
  readonly presented: PresentedToken;
  /** While an employee acts as a user: the employee's own session, which the token belongs to. */
  readonly own?: Session;
  /** For a later stage of the request. */
  readonly activity?: ActivityAnswer | undefined;
}

/** A session that only a guard can let in, and why. */
interface WithheldSession {
  readonly current: CurrentSession;
  /** Its device showed recent evidence, in an application that requires a proof. */
  readonly lacksProof: boolean;
  /** It is impersonated, and the request is not one that an impersonation may make by itself. */
  readonly isImpersonated: boolean;
}

/** The session that one request uses, and what the response will tell the browser about it. */
export class SessionInUse<N, P extends UsingParts<N>> extends PresentedRequest<N, P> {
  readonly sink: ResponseSink;
  readonly activity: RequestActivity;
  current: CurrentSession | null = null;
  /** What a session with a device needs here, unless a guard says otherwise. */
  readonly demand: DeviceDemand;
  /** A guard has let the impersonated session in, and so does each other one that says nothing about it. */
  mayImpersonate = false;
  protected loading: Outcome | Promise<Outcome> | undefined;
  protected isLoaded = false;
  protected withheld: WithheldSession | undefined;
  protected readonly response: CredentialResponse;
  #missingProofNoted = false;

  constructor(parts: P, native: N, view: RequestView, sink: ResponseSink) {
    super(parts, native, view);
    this.sink = sink;
    this.activity = new RequestActivity(sink);
    const { device } = parts.settings;
    this.demand = device === "proof" && view.isRender ? "recent" : device;
    this.response = new CredentialResponse(parts, view, sink);
  }

  /** @throws ConfigurationError `ERR_SESSION_NOT_LOADED` with `lazy: true` before `getSession()`. */
  get session(): Session | null {
    if (this.isLoaded) return this.current?.session ?? null;
    throw new ConfigurationError(
      "ERR_SESSION_NOT_LOADED",
      "with `lazy: true`, call `await req.byo.getSession()` before you read the session",
    );
  }

  /** For skipped requests: as if they had presented nothing, and without a call. */
  skip(): void {
    this.#become(anonymous("NoSession"), null);
  }

  /** Uses a session that was created during this request. `ageSecs`: its age then, if it replaces an older one. */
  adopt(session: Session, presented: PresentedToken, via: "cookie" | "bearer", ageSecs = 0): void {
    this.#noteReplaced();
    this.#become({ kind: "proceed", session }, { session, presented });
    this.response.clearCompanion(this.parts.impersonationCookie);
    // If there are several cookies of the name, one may be at an earlier place.
    const cleared = this.credentials.tokens.length > 1 ? this.parts.cookie.clearPrevious() : [];
    const lifetimeSecs = Math.max(1, session.expiresAt - session.createdAt - ageSecs);
    this.response.give({ presented, lifetimeSecs, via }, { dropWhenLate: false }, cleared);
  }

  /** Drops the session, and clears it in the browser. */
  drop(): void {
    this.#noteReplaced();
    this.#become(anonymous("LoggedOut"), null);
    if (this.credentials.via !== "bearer") this.response.clear({ dropWhenLate: true });
  }

  /** The session has been changed: what was signed before is out of date. */
  forgetStateless(): void {
    if (this.parts.stateless) this.response.clearCompanion(this.parts.stateless.cookie);
  }

  /** Gives the browser a new device cookie for its proof. */
  giveDeviceCookie(cookie: NewDeviceCookie): void {
    if (this.credentials.via !== "bearer") this.response.giveDeviceCookie(cookie);
  }

  /** From now on the employee, whose session is in use, acts as the user. */
  startImpersonation(session: Session, token: string): void {
    this.mayImpersonate = true;
    if (this.current) this.current = { session, presented: this.current.presented, own: this.current.session };
    const lifetimeSecs = Math.max(1, session.expiresAt - session.createdAt);
    this.response.giveCompanion(this.parts.impersonationCookie, token, lifetimeSecs);
  }

  /** The employee no longer acts as a user, and has their own session again. */
  stopImpersonation(): void {
    this.ignoresImpersonation = true;
    const known = this.known;
    if (known?.own) this.#return({ session: known.own, presented: known.presented, activity: known.activity });
    this.response.clearCompanion(this.parts.impersonationCookie);
  }

  /** For a guard that accepts recent evidence, or an impersonation. */
  letIn(accepted: { recentProof?: boolean; impersonation?: boolean }): void {
    if (accepted.impersonation) this.mayImpersonate = true;
    if (!this.withheld) return;
    const { current } = this.withheld;
    const lacksProof = this.withheld.lacksProof && accepted.recentProof !== true;
    const isImpersonated = this.withheld.isImpersonated && !this.mayImpersonate;
    if (lacksProof || isImpersonated) this.withheld = { current, lacksProof, isImpersonated };
    else [this.current, this.withheld] = [current, undefined];
  }

  /** Whether an employee acts as a user, whatever this request may do. */
  get isImpersonated(): boolean {
    return this.known?.own !== undefined;
  }

  /** Whether the session has a device but this request has no proof of it: enough to read, but not to act on it. */
  get lacksProof(): boolean {
    const session = this.known?.session;
    return session !== undefined && this.demand !== "off" && !meetsDemand(session, "proof");
  }

  /**
   * Records in the audit trail that a proof was missing. The sidecar could not know that the route needs one, because
   * it found a valid device cookie. The response does not wait for this.
   */
  noteMissingProof(): void {
    const unproved = this.known;
    if (!unproved?.session.hasDeviceRegistered || this.#missingProofNoted) return;
    this.#missingProofNoted = true;
    const { session } = this.parts.settings.client;
    session.validate({ sessionToken: unproved.presented.token, ...describeClient(this.view) }).catch(() => undefined);
  }

  /** The session, whether or not the request may use it. */
  protected get known(): CurrentSession | undefined {
    return this.current ?? this.withheld?.current;
  }

  protected override examination(mayRotate: boolean): Examination {
    const examination = super.examination(mayRotate);
    examination.activity = this.activity.asked;
    return examination;
  }

  /** To the employee's own session, which may need more evidence than this request has. */
  #return(own: CurrentSession): void {
    const lacksProof = !meetsDemand(own.session, this.demand);
    this.current = lacksProof ? null : own;
    this.withheld = lacksProof ? { current: own, lacksProof, isImpersonated: false } : undefined;
  }

  #become(outcome: Outcome, current: CurrentSession | null): void {
    this.isLoaded = true;
    this.loading = outcome;
    this.current = current;
    this.withheld = undefined;
  }

  /** The browser no longer has the session that this request came with. */
  #noteReplaced(): void {
    this.parts.replaced.add(this.credentials.tokens, this.current?.presented);
  }
}
