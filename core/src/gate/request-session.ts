import type { Reason } from "../answers/reasons.ts";
import type { Refusals } from "../answers/refusals.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import { meetsDemand } from "../device/evidence.ts";
import { answerWithoutProof, isLoginPage } from "../device-page/answer.ts";
import { SessionActionError } from "../errors.ts";
import { examineImpersonation } from "../impersonation/impersonated.ts";
import { refusalUnder } from "../impersonation/rule.ts";
import { corsHeadersFor } from "../origin/cors.ts";
import { isUnsafe, mayLoseItsAnswer, type RequestView } from "../request/request-view.ts";
import type { Session } from "../session.ts";
import type { Settings } from "../settings/settings.ts";
import type { SidecarClock } from "../sidecar/clock.ts";
import type { Engine, Examination } from "../verdict/engine.ts";
import { type Finding, type Recollection, verdictOf } from "../verdict/finding.ts";
import { isOfNoSession, type Verdict } from "../verdict/verdict.ts";
import { endConflicting } from "./end-sessions.ts";
import { anonymous, type Outcome, respond } from "./outcome.ts";
import { type CurrentSession, SessionInUse, type UsingParts } from "./session-in-use.ts";

/** What all requests of one `byoSession()` share. */
export interface GateParts<N> extends UsingParts<N> {
  readonly settings: Settings<N>;
  readonly engine: Engine;
  readonly refusals: Refusals;
  readonly importLegacy: LegacyImport<N>;
  /** Called with each login by cookie. */
  readonly noticeLogin: (view: RequestView) => void;
  readonly clock: SidecarClock;
  readonly recall: ((native: N, tokens: readonly PresentedToken[]) => Promise<Recollection | undefined>) | undefined;
}

/** Turns a session of the previous library into one of ours. */
export type LegacyImport<N> = (request: RequestSession<N>) => Promise<Outcome>;

/** One request: its credentials, and the decision on them. */
export class RequestSession<N> extends SessionInUse<N, GateParts<N>> {
  /** An earlier stage of this request has found the session, and tells the browser what follows. */
  #isRecalled = false;
  /** The employee's, after an impersonation that is over. */
  #own: CurrentSession | undefined;

  async finding(): Promise<Finding | undefined> {
    const outcome = await this.loading;
    if (outcome?.kind !== "proceed") return undefined;
    const { credentials } = this;
    const anonymous = { session: null, reason: outcome.reason ?? "NoSession" } as const;
    // The employee's own: a later stage asks again whether an employee acts as a user.
    const known = outcome.reason === "ImpersonationEnded" ? this.#own : this.known;
    const found = known && { ...known, session: known.own ?? known.session };
    return { tokens: credentials.tokens, outcome: found ?? anonymous };
  }

  corsHeaders(): [name: string, value: string][] {
    return corsHeadersFor(this.view.header("origin"), this.parts.settings.trustedOrigins);
  }

  /** Validates at the first call, and only once. The outcome is returned at once if the answer is held. */
  load(): Outcome | Promise<Outcome> {
    this.loading ??= this.impersonationTokens.length > 0 ? this.#ask() : (this.#useHeld() ?? this.#ask());
    return this.loading;
  }

  /** @throws SessionActionError if core would have answered the request without its handler. */
  async getSession(): Promise<Session | null> {
    const outcome = await this.load();
    if (outcome.kind === "proceed") return this.session;
    const code = outcome.reason === "SidecarUnavailable" ? "ERR_SIDECAR_UNAVAILABLE" : "ERR_REFUSED";
    throw new SessionActionError(code, outcome.reason, `no session: ${outcome.reason}`, outcome.response);
  }

  #useHeld(): Outcome | undefined {
    const outcome = this.#validateHeld();
    if (outcome) this.isLoaded = true;
    return outcome;
  }

  async #ask(): Promise<Outcome> {
    try {
      const { impersonationTokens } = this;
      if (impersonationTokens.length === 0) return await this.#validate();
      const own = this.#validateHeld() ?? (await this.#validate());
      return await this.#impersonate(impersonationTokens, own);
    } finally {
      // Not earlier: nobody must see the employee's own session meanwhile.
      this.isLoaded = true;
    }
  }

  /** The employee's own session decides first: without it, nobody acts as a user. */
  async #impersonate(tokens: readonly string[], own: Outcome): Promise<Outcome> {
    const { settings, refusals, impersonationCookie } = this.parts;
    const { known, view } = this;
    if (own.kind === "respond" || !known) return own;
    const found = await examineImpersonation(settings.client, tokens, known.session, view);
    if (found.kind === "on") return this.#settleImpersonated({ ...known, session: found.session, own: known.session });
    if (found.kind !== "unavailable") {
      if (!this.#isRecalled) this.response.clearCompanion(impersonationCookie);
      // What is read is the employee's own from now on. What is changed was meant for the user.
      if (found.kind === "none" || !isUnsafe(view)) return own;
    }
    this.#own = known;
    this.current = null;
    this.withheld = undefined;
    return found.kind === "over" ? anonymous("ImpersonationEnded") : respond("SidecarUnavailable", refusals);
  }

  #settleImpersonated(current: CurrentSession): Outcome {
    const lacksProof = this.withheld !== undefined;
    const refusal = refusalUnder(this.parts.settings.impersonation, this.view);
    const isImpersonated = refusal !== undefined;
    this.current = lacksProof || isImpersonated ? null : current;
    this.withheld = lacksProof || isImpersonated ? { current, lacksProof, isImpersonated } : undefined;
    if (lacksProof) return anonymous("DeviceVerificationRequired");
    return refusal ? anonymous(refusal) : { kind: "proceed", session: current.session };
  }

  /** The usual request. Undefined: the sidecar has to be asked, or an earlier stage of this very request. */
  #validateHeld(): Outcome | undefined {
    if (this.parts.recall || !this.parts.settings.client.holds || this.credentials.via === "both") return undefined;
    const verdict = this.parts.engine.held(this.examination(false));
    if (verdict?.kind !== "authenticated") return undefined;
    return this.#settleAuthenticated(verdict);
  }

  async #validate(): Promise<Outcome> {
    const { engine, settings, refusals, importLegacy, recall } = this.parts;
    const { via, tokens } = this.credentials;
    if (via === "both") return respond("AmbiguousCredentials", refusals);
    const recollection = recall && (await recall(this.native, tokens));
    this.#isRecalled = recollection !== undefined;
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
  }

  #examine(examination: Examination): Promise<Verdict> {
    const { engine, stateless } = this.parts;
    const isFit = this.credentials.via === "cookie" && this.impersonationTokens.length === 0;
    if (!stateless || !isFit) return engine.examine(examination);
    return stateless.examine(
      examination,
      () => engine.examine(examination),
      (token, lifetimeSecs) => this.response.giveCompanion(stateless.cookie, token, lifetimeSecs),
    );
  }

  #settle(verdict: Verdict): Outcome | Promise<Outcome> {
    const { refusals } = this.parts;
    switch (verdict.kind) {
      case "authenticated":
        return this.#settleAuthenticated(verdict);
      case "ended":
        if (this.credentials.via === "cookie" && !verdict.isReplaced)
          this.response.clear(this.response.unlessReplaced(this.credentials.tokens));
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
    const { session, presented, successor, newDeviceCookie, activity } = verdict;
    if (!meetsDemand(session, this.demand)) return this.#settleUnproved({ session, presented });
    this.activity.settle(session, activity, this);
    // Everything in this request keeps using the presented token: a successor that is used here and then lost on
    // its way to the browser would look like a theft.
    this.current = { session, presented, activity };
    if (newDeviceCookie) this.giveDeviceCookie(newDeviceCookie);
    if (successor !== undefined && this.sink.canWrite) {
      this.response.replace(presented, successor, this.credentials.via === "bearer" ? "bearer" : "cookie");
    }
    return { kind: "proceed", session };
  }

  /** With recent evidence the request goes on without a session, and a guard may let it in; without any, no further. */
  #settleUnproved(unproved: CurrentSession): Outcome {
    if (unproved.session.deviceEvidence === "none") return this.#respondUnproved();
    this.withheld = { current: unproved, lacksProof: true, isImpersonated: false };
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
      this.response.clear(this.response.unlessReplaced(this.credentials.tokens));
    }
    return anonymous("ConflictingCookies");
  }
}

const ANSWERED_AT_ONCE: ReadonlySet<Reason> = new Set<Reason>(["DeviceVerificationFailed", "BadRequest"]);
