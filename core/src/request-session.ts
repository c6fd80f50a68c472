import { createActions, type SessionActions } from "./actions.ts";
import type { PresentedToken, SessionCookie } from "./cookies.ts";
import { corsHeadersFor } from "./cors.ts";
import { type PresentedProof, readProof } from "./device.ts";
import type { Engine, Verdict } from "./engine.ts";
import { ConfigurationError, SessionActionError } from "./errors.ts";
import { type Finding, type Recollection, verdictOf } from "./finding.ts";
import { answerOfGuard, type SessionRequirements } from "./guard.ts";
import type { LegacyImport } from "./legacy.ts";
import type { GateResponse, Outcome, Reason, RefusalReason, Refusals } from "./outcome.ts";
import { mayLoseItsAnswer, type RequestView } from "./request.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { SidecarClock } from "./sidecar/clock.ts";

/** What a response has to tell the browser of its token. A later change of one response replaces an earlier one. */
export interface CredentialChange {
  readonly setCookies: readonly string[];
  /** For a client that keeps the token itself: the response header `Session-Token`. */
  readonly sessionToken?: string;
  /** A slow response must not put an older token back, nor undo a login that happened meanwhile. */
  readonly dropWhenLate: boolean;
}

export interface ResponseSink {
  /** False when no header can be added any more, or never could: a session is not rotated then. */
  readonly canWrite: boolean;
  /** Where `canWrite` is false from the start: what to do about it, as the message of `ERR_HEADERS_SENT`. */
  readonly cannotWrite?: string;
  /** True where the server itself goes on with what the response sets: a successor must not be among it. */
  readonly keepsToken?: boolean;
  write(change: CredentialChange): void;
}

/** What all requests of one `byoSession()` share. */
export interface GateParts<N> {
  readonly settings: Settings<N>;
  readonly engine: Engine;
  readonly cookie: SessionCookie;
  readonly refusals: Refusals;
  readonly importLegacy: LegacyImport<N>;
  readonly clock: SidecarClock;
  readonly recall: ((native: N, tokens: readonly PresentedToken[]) => Promise<Recollection | undefined>) | undefined;
}

/** The session in use and the token that stands for it in this request. */
export interface CurrentSession {
  session: Session;
  readonly presented: PresentedToken;
}

interface Credentials {
  readonly via: "cookie" | "bearer" | "both";
  readonly tokens: readonly PresentedToken[];
}

/** One request: its credentials, what became of them, and what the response will tell the browser. */
export class RequestSession<N> {
  readonly parts: GateParts<N>;
  readonly native: N;
  readonly view: RequestView;
  readonly sink: ResponseSink;
  current: CurrentSession | null = null;
  /** Set before loading, where the device is proved by another way than this request's header. */
  deviceWaived = false;
  #loading: Promise<Outcome> | undefined;
  #loaded = false;
  #credentials: Credentials | undefined;
  #proof: PresentedProof | undefined;
  #byo: SessionActions | undefined;

  constructor(parts: GateParts<N>, native: N, view: RequestView, sink: ResponseSink) {
    this.parts = parts;
    this.native = native;
    this.view = view;
    this.sink = sink;
  }

  get credentials(): Credentials {
    this.#credentials ??= this.#readCredentials();
    return this.#credentials;
  }

  get proof(): PresentedProof {
    this.#proof ??= readProof(this.view, () => this.parts.settings.publicUrl(this.native));
    return this.#proof;
  }

  /** @throws ConfigurationError `ERR_SESSION_NOT_LOADED` with `lazy: true` before `getSession()`. */
  get session(): Session | null {
    if (this.#loaded) return this.current?.session ?? null;
    throw new ConfigurationError(
      "ERR_SESSION_NOT_LOADED",
      "with `lazy: true` the session is there after `await req.byo.getSession()`",
    );
  }

  /** Made when first used: most requests only read the session. */
  get byo(): SessionActions {
    this.#byo ??= createActions(this);
    return this.#byo;
  }

  guard(requirements: SessionRequirements, asPage?: boolean): Promise<GateResponse | undefined> {
    return answerOfGuard(this, requirements, asPage);
  }

  async finding(): Promise<Finding | undefined> {
    const outcome = await this.#loading;
    if (outcome?.kind !== "proceed") return undefined;
    const { current, credentials } = this;
    const anonymous = { session: null, reason: outcome.reason ?? "NoSession" } as const;
    return { tokens: credentials.tokens, outcome: current ?? anonymous };
  }

  corsHeaders(): [name: string, value: string][] {
    return corsHeadersFor(this.view.header("origin"), this.parts.settings.trustedOrigins);
  }

  /** For requests that are left alone: as if nothing had been presented, and no call. */
  skip(): void {
    this.#loaded = true;
    this.#loading = Promise.resolve(anonymous("NoSession"));
  }

  /** Validates at the first call, and once. */
  load(): Promise<Outcome> {
    this.#loading ??= this.#validate();
    return this.#loading;
  }

  /** @throws SessionActionError where the request would have been answered without its handler. */
  async getSession(): Promise<Session | null> {
    const outcome = await this.load();
    if (outcome.kind === "proceed") return this.session;
    const code = outcome.reason === "SidecarUnavailable" ? "ERR_SIDECAR_UNAVAILABLE" : "ERR_REFUSED";
    throw new SessionActionError(code, outcome.reason, `no session: ${outcome.reason}`, outcome.response);
  }

  /** Takes up a session that was made during this request. */
  adopt(session: Session, presented: PresentedToken, via: "cookie" | "bearer"): void {
    this.#loaded = true;
    this.#loading = Promise.resolve({ kind: "proceed", session });
    this.current = { session, presented };
    this.#give(presented, session, via, false);
  }

  /** Forgets the session, and has the browser forget it. */
  drop(): void {
    this.#loaded = true;
    this.#loading = Promise.resolve(anonymous("LoggedOut"));
    this.current = null;
    if (this.credentials.via !== "bearer") this.#clear();
  }

  async #validate(): Promise<Outcome> {
    const { engine, settings, refusals, importLegacy, recall } = this.parts;
    const { via, tokens } = this.credentials;
    const { view, sink } = this;
    try {
      if (via === "both") return respond("AmbiguousCredentials", refusals);
      const recollection = recall && (await recall(this.native, tokens));
      if (recollection) return this.#settle(await verdictOf(recollection, engine, { view, tokens }));
      if (tokens.length === 0 && !settings.legacySession) return anonymous("NoSession");
      const mayRotate = sink.canWrite && !sink.keepsToken && !mayLoseItsAnswer(view);
      if (tokens.length === 0) {
        // Only where the new cookie can reach the browser: an old session is turned into a new one once.
        return mayRotate ? await importLegacy(this) : anonymous("NoSession");
      }
      const { proof, deviceWaived } = this;
      return this.#settle(await engine.examine({ view, tokens, proof, mayRotate, deviceWaived }));
    } finally {
      this.#loaded = true;
    }
  }

  #settle(verdict: Verdict): Outcome {
    const { refusals } = this.parts;
    switch (verdict.kind) {
      case "authenticated": {
        const { session, presented, successor } = verdict;
        // Everything in this request goes on with the token that was presented: a successor that is used here and then
        // lost on its way to the browser would look like a theft.
        this.current = { session, presented };
        if (successor !== undefined && this.sink.canWrite) {
          const via = this.credentials.via === "bearer" ? "bearer" : "cookie";
          this.#give({ token: successor, persistent: presented.persistent }, session, via, true);
        }
        return { kind: "proceed", session };
      }
      case "ended":
        if (this.credentials.via === "cookie") this.#clear();
        return anonymous(verdict.reason);
      case "conflict":
        this.#clear();
        return anonymous("ConflictingCookies");
      case "challenge":
        // Who sends no proof could not answer a challenge either.
        if (this.proof.kind === "none") return respond("DeviceVerificationRequired", refusals);
        return {
          kind: "respond",
          reason: "NewDeviceChallengeRequired",
          response: refusals.challenge(verdict.challenge),
        };
      case "unavailable":
        return respond("SidecarUnavailable", refusals);
      case "refused":
        return ANSWERED_AT_ONCE.has(verdict.reason) ? respond(verdict.reason, refusals) : anonymous(verdict.reason);
    }
  }

  #give(token: PresentedToken, session: Session, via: "cookie" | "bearer", dropWhenLate: boolean): void {
    if (via === "bearer") this.sink.write({ setCookies: [], sessionToken: token.token, dropWhenLate });
    else this.sink.write({ setCookies: [this.parts.cookie.set(this.view, token, session)], dropWhenLate });
  }

  #clear(): void {
    if (this.sink.canWrite) this.sink.write({ setCookies: this.parts.cookie.clear(this.view), dropWhenLate: true });
  }

  #readCredentials(): Credentials {
    const cookies = this.parts.cookie.read(this.view);
    const bearer = this.parts.settings.bearer ? bearerToken(this.view) : undefined;
    if (bearer === undefined) return { via: "cookie", tokens: cookies };
    const tokens = [{ token: bearer, persistent: true }];
    return cookies.length === 0 ? { via: "bearer", tokens } : { via: "both", tokens: [...cookies, ...tokens] };
  }
}

const ANSWERED_AT_ONCE: ReadonlySet<Reason> = new Set<Reason>([
  "DeviceVerificationRequired",
  "DeviceVerificationFailed",
  "BadRequest",
]);

export function anonymous(reason: RefusalReason): Outcome {
  return { kind: "proceed", session: null, reason };
}

export function respond(reason: RefusalReason, refusals: Refusals): Outcome {
  return { kind: "respond", reason, response: refusals.refuse(reason) };
}

function bearerToken(view: RequestView): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(view.header("authorization") ?? "") ?? [];
  return token;
}
