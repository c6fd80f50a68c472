import type { Reason } from "../answers/reasons.ts";
import type { Refusals } from "../answers/refusals.ts";
import type { NewDeviceCookie } from "../contract/index.ts";
import type { CompanionCookie } from "../cookies/companion-cookie.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { CredentialResponse, type ResponseSink } from "../credentials/credential-response.ts";
import type { ReplacedSessions } from "../credentials/replaced-sessions.ts";
import { type DeviceDemand, meetsDemand } from "../device/evidence.ts";
import { answerWithoutProof, isLoginPage } from "../device-page/answer.ts";
import { ConfigurationError, SessionActionError } from "../errors.ts";
import { corsHeadersFor } from "../origin/cors.ts";
import { describeClient } from "../request/describe-client.ts";
import { mayLoseItsAnswer, type RequestView } from "../request/request-view.ts";
import type { Session } from "../session.ts";
import type { Settings } from "../settings/settings.ts";
import type { SidecarClock } from "../sidecar/clock.ts";
import type { Engine, Examination } from "../verdict/engine.ts";
import { type Finding, type Recollection, verdictOf } from "../verdict/finding.ts";
import type { StatelessSessions } from "../verdict/stateless-sessions.ts";
import { isOfNoSession, type Verdict } from "../verdict/verdict.ts";
import { endConflicting } from "./end-sessions.ts";
import { anonymous, type Outcome, respond } from "./outcome.ts";
import { PresentedRequest, type PresentingParts } from "./presented-request.ts";

/** What all requests of one `byoSession()` share. */
export interface GateParts<N> extends PresentingParts<N> {
  readonly settings: Settings<N>;
  readonly engine: Engine;
  readonly replaced: ReplacedSessions;
  readonly refusals: Refusals;
  readonly importLegacy: LegacyImport<N>;
  readonly clock: SidecarClock;
  readonly companions: readonly CompanionCookie[];
  /** Undefined: no session is known without asking, or holding an answer. */
  readonly stateless: StatelessSessions | undefined;
  readonly recall: ((native: N, tokens: readonly PresentedToken[]) => Promise<Recollection | undefined>) | undefined;
}

/** Turns a session of the previous library into one of ours. */
export type LegacyImport<N> = (request: RequestSession<N>) => Promise<Outcome>;

/** The session in use and its token in this request. */
export interface CurrentSession {
  session: Session;
  readonly presented: PresentedToken;
}

/** One request: its credentials, the decision on them, and what the response will tell the browser. */
export class RequestSession<N> extends PresentedRequest<N, GateParts<N>> {
  readonly sink: ResponseSink;
  current: CurrentSession | null = null;
  /** What a session with a device needs here, unless a guard says otherwise. */
  readonly demand: DeviceDemand;
  /** A session with recent evidence in an application that requires a proof: only a guard can let it in. */
  #withheld: CurrentSession | undefined;
  #missingProofNoted = false;
  #loading: Outcome | Promise<Outcome> | undefined;
  #loaded = false;
  readonly #response: CredentialResponse;

  constructor(parts: GateParts<N>, native: N, view: RequestView, sink: ResponseSink) {
    super(parts, native, view);
    this.sink = sink;
    const { device } = parts.settings;
    this.demand = device === "proof" && view.isRender ? "recent" : device;
    this.#response = new CredentialResponse(parts, view, sink);
  }

  /** @throws ConfigurationError `ERR_SESSION_NOT_LOADED` with `lazy: true` before `getSession()`. */
  get session(): Session | null {
    if (this.#loaded) return this.current?.session ?? null;
    throw new ConfigurationError(
      "ERR_SESSION_NOT_LOADED",
      "with `lazy: true`, call `await req.byo.getSession()` before you read the session",
    );
  }

  async finding(): Promise<Finding | undefined> {
    const outcome = await this.#loading;
    if (outcome?.kind !== "proceed") return undefined;
    const { credentials } = this;
    const anonymous = { session: null, reason: outcome.reason ?? "NoSession" } as const;
    return { tokens: credentials.tokens, outcome: this.current ?? this.#withheld ?? anonymous };
  }

  corsHeaders(): [name: string, value: string][] {
    return corsHeadersFor(this.view.header("origin"), this.parts.settings.trustedOrigins);
  }

  /** For skipped requests: as if they had presented nothing, and without a call. */
  skip(): void {
    this.#loaded = true;
    this.current = null;
    this.#withheld = undefined;
    this.#loading = anonymous("NoSession");
  }

  /** Validates at the first call, and only once. The outcome is returned at once if the answer is held. */
  load(): Outcome | Promise<Outcome> {
    this.#loading ??= this.#validateHeld() ?? this.#validate();
    return this.#loading;
  }

  /** @throws SessionActionError if core would have answered the request without its handler. */
  async getSession(): Promise<Session | null> {
    const outcome = await this.load();
    if (outcome.kind === "proceed") return this.session;
    const code = outcome.reason === "SidecarUnavailable" ? "ERR_SIDECAR_UNAVAILABLE" : "ERR_REFUSED";
    throw new SessionActionError(code, outcome.reason, `no session: ${outcome.reason}`, outcome.response);
  }

  /** Uses a session that was created during this request. `ageSecs`: its age then, if it replaces an older one. */
  adopt(session: Session, presented: PresentedToken, via: "cookie" | "bearer", ageSecs = 0): void {
    this.#loaded = true;
    this.#loading = { kind: "proceed", session };
    this.#noteReplaced();
    this.current = { session, presented };
    // If there are several cookies of the name, one may be at an earlier place.
    const cleared = this.credentials.tokens.length > 1 ? this.parts.cookie.clearPrevious() : [];
    const lifetimeSecs = Math.max(1, session.expiresAt - session.createdAt - ageSecs);
    this.#response.give({ presented, lifetimeSecs, via }, { dropWhenLate: false }, cleared);
  }

  /** For a route that accepts recent evidence. */
  letInRecent(): void {
    if (!this.#withheld) return;
    this.current = this.#withheld;
    this.#withheld = undefined;
  }

  /** Whether the session has a device but this request has no proof of it: enough to read, but not to act on it. */
  get lacksProof(): boolean {
    const session = (this.current ?? this.#withheld)?.session;
    return session !== undefined && this.demand !== "off" && !meetsDemand(session, "proof");
  }

  /**
   * Records in the audit trail that a proof was missing. The sidecar could not know that the route needs one, because
   * it found a valid device cookie. The response does not wait for this.
   */
  noteMissingProof(): void {
    const unproved = this.current ?? this.#withheld;
    if (!unproved?.session.hasDeviceRegistered || this.#missingProofNoted) return;
    this.#missingProofNoted = true;
    const { session } = this.parts.settings.client;
    session.validate({ sessionToken: unproved.presented.token, ...describeClient(this.view) }).catch(() => undefined);
  }

  /** Gives the browser a new device cookie for its proof. */
  giveDeviceCookie(cookie: NewDeviceCookie): void {
    if (this.credentials.via !== "bearer") this.#response.giveDeviceCookie(cookie);
  }

  /** The session has been changed: what was signed before is out of date. */
  forgetStateless(): void {
    const { stateless } = this.parts;
    if (stateless) this.#response.clearCompanion(stateless.cookie);
  }

  /** Drops the session, and clears it in the browser. */
  drop(): void {
    this.#loaded = true;
    this.#loading = anonymous("LoggedOut");
    this.#noteReplaced();
    this.current = null;
    this.#withheld = undefined;
    if (this.credentials.via !== "bearer") this.#response.clear({ dropWhenLate: true });
  }

  /** The usual request. Undefined: the sidecar has to be asked, or an earlier stage of this very request. */
  #validateHeld(): Outcome | undefined {
    if (this.parts.recall || !this.parts.settings.client.holds || this.credentials.via === "both") return undefined;
    const verdict = this.parts.engine.held(this.examination(false));
    if (verdict?.kind !== "authenticated") return undefined;
    this.#loaded = true;
    return this.#settleAuthenticated(verdict);
  }

  async #validate(): Promise<Outcome> {
    const { engine, settings, refusals, importLegacy, recall } = this.parts;
    const { via, tokens } = this.credentials;
    try {
      if (via === "both") return respond("AmbiguousCredentials", refusals);
      const recollection = recall && (await recall(this.native, tokens));
      if (recollection) return this.#settle(await verdictOf(recollection, engine, this.examination(false)));
      if (tokens.length === 0 && !settings.legacySession) return anonymous("NoSession");
      const mayRotate = this.sink.canWrite && !this.sink.keepsToken && !mayLoseItsAnswer(this.view);
      if (tokens.length === 0) {
        // Only if the new cookie can reach the browser, because an old session is migrated only once.
        return mayRotate ? await importLegacy(this) : anonymous("NoSession");
      }
      const examination = this.examination(mayRotate);
      const verdict = (recall && engine.held(examination)) ?? (await this.#examine(examination));
      if (settings.legacySession && mayRotate && via === "cookie" && isOfNoSession(verdict)) {
        const imported = await importLegacy(this);
        if (imported.kind === "respond" || imported.session) return imported;
      }
      return this.#settle(verdict);
    } finally {
      this.#loaded = true;
    }
  }

  #examine(examination: Examination): Promise<Verdict> {
    const { engine, stateless } = this.parts;
    if (!stateless || this.credentials.via !== "cookie") return engine.examine(examination);
    return stateless.examine(
      examination,
      () => engine.examine(examination),
      (token, lifetimeSecs) => this.#response.giveCompanion(stateless.cookie, token, lifetimeSecs),
    );
  }

  #settle(verdict: Verdict): Outcome | Promise<Outcome> {
    const { refusals } = this.parts;
    switch (verdict.kind) {
      case "authenticated":
        return this.#settleAuthenticated(verdict);
      case "ended":
        if (this.credentials.via === "cookie" && !verdict.isReplaced)
          this.#response.clear(this.#response.unlessReplaced(this.credentials.tokens));
        return anonymous(verdict.reason);
      case "conflict":
        return this.#settleConflict(verdict.living);
      case "challenge":
        // A client that sends no proof could not answer a challenge either.
        if (this.proof.kind === "none") return this.#respondUnproved();
        return {
          kind: "respond",
          reason: "NewDeviceChallengeRequired",
          response: refusals.challenge(verdict.challenge),
        };
      case "unavailable":
        return respond("SidecarUnavailable", refusals);
      case "refused":
        if (verdict.reason === "DeviceVerificationRequired") return this.#respondUnproved();
        if (verdict.reason === "DeviceVerificationFailed" && isLoginPage(this)) return anonymous(verdict.reason);
        return ANSWERED_AT_ONCE.has(verdict.reason) ? respond(verdict.reason, refusals) : anonymous(verdict.reason);
    }
  }

  #settleAuthenticated(verdict: Extract<Verdict, { kind: "authenticated" }>): Outcome {
    const { session, presented, successor, newDeviceCookie } = verdict;
    if (!meetsDemand(session, this.demand)) return this.#settleUnproved({ session, presented });
    // Everything in this request keeps using the presented token: a successor that is used here and then lost on
    // its way to the browser would look like a theft.
    this.current = { session, presented };
    if (newDeviceCookie) this.giveDeviceCookie(newDeviceCookie);
    if (successor !== undefined && this.sink.canWrite) {
      this.#response.replace(presented, successor, this.credentials.via === "bearer" ? "bearer" : "cookie");
    }
    return { kind: "proceed", session };
  }

  /** With recent evidence the request goes on without a session, and a guard may let it in; without any, no further. */
  #settleUnproved(unproved: CurrentSession): Outcome {
    if (unproved.session.deviceEvidence === "none") return this.#respondUnproved();
    this.#withheld = unproved;
    return anonymous("DeviceVerificationRequired");
  }

  #respondUnproved(): Outcome {
    // A browser that has lost its key must be able to log in again. There the request counts as anonymous.
    if (isLoginPage(this)) return anonymous("DeviceVerificationRequired");
    return { kind: "respond", reason: "DeviceVerificationRequired", response: answerWithoutProof(this) };
  }

  /** If there are too many tokens to examine, nothing is known about them. */
  async #settleConflict(living: readonly PresentedToken[]): Promise<Outcome> {
    const { settings, refusals } = this.parts;
    if (living.length > 0) {
      if (!(await endConflicting(settings.client, living))) return respond("SidecarUnavailable", refusals);
      this.#response.clear(this.#response.unlessReplaced(this.credentials.tokens));
    }
    return anonymous("ConflictingCookies");
  }

  /** The browser no longer has the session that this request came with. */
  #noteReplaced(): void {
    this.parts.replaced.add(this.credentials.tokens, this.current?.presented);
  }
}

const ANSWERED_AT_ONCE: ReadonlySet<Reason> = new Set<Reason>(["DeviceVerificationFailed", "BadRequest"]);
