import type { GateResponse } from "../answers/gate-response.ts";
import { createRefusals } from "../answers/refusals.ts";
import { createCompanionCookie } from "../cookies/companion-cookie.ts";
import { createDeviceCookie } from "../cookies/device-cookie.ts";
import { createSessionCookie, type PresentedToken } from "../cookies/session-cookie.ts";
import type { ResponseSink } from "../credentials/credential-response.ts";
import { replacedInProcess } from "../credentials/replaced-sessions.ts";
import { isCrossOriginChange } from "../origin/cross-origin.ts";
import { isUnsafe, type RequestView } from "../request/request-view.ts";
import type { ByoSessionOptions } from "../settings/options.ts";
import { resolveOptions, type Settings } from "../settings/settings.ts";
import { createSidecarClock } from "../sidecar/clock.ts";
import { createDeviceCookieCheck } from "../sidecar/device-cookie-check.ts";
import { createEngine } from "../verdict/engine.ts";
import type { Recollection } from "../verdict/finding.ts";
import { createStatelessSessions } from "../verdict/stateless-sessions.ts";
import { type AttachedRequest, attachedRequest } from "./attached-request.ts";
import { createLegacyImport } from "./legacy.ts";
import { createLoginNotices } from "./login-notices.ts";
import { type GateParts, RequestSession } from "./request-session.ts";
import { answerRoute } from "./routes.ts";
import { authenticateUpgrade, type UpgradeResult } from "./upgrade.ts";

/** What a framework's adapter supplies; `N` is the framework's own request. Everything else is decided here. */
export interface Binding<N> {
  read(native: N): RequestView;
  sink(native: N): ResponseSink;
  /** Makes the session and its actions available on the framework's request. */
  attach(native: N, request: AttachedRequest): void;
  /** Sends a response instead of the handler's. */
  deliver(native: N, response: GateResponse): void;
  /**
   * What an earlier stage of this request found, in a host that handles a request in two stages and can verify that
   * the finding is its own. Undefined: core asks the sidecar.
   */
  recall?(native: N, tokens: readonly PresentedToken[]): Promise<Recollection | undefined>;
}

export interface Gate<N> {
  readonly settings: Settings<N>;
  /**
   * For a host whose start can wait: rejects if the sidecar does not support what the options require. Other hosts get
   * the error with each request. A sidecar that does not answer yet does not stop the start.
   */
  ready(): Promise<void>;
  /** Decides on a request before its handler runs, at once if nothing has to be waited for. False: it has been answered. */
  handle(native: N): boolean | Promise<boolean>;
  /** Decides on the request that opens a WebSocket; `clientIp` as in the view of other requests. */
  authenticateUpgrade(native: N, view: RequestView): Promise<UpgradeResult>;
}

/**
 * Creates the orchestration that all adapters share.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` for invalid options.
 */
export function createGate<N>(options: ByoSessionOptions<N>, binding: Binding<N>): Gate<N> {
  const settings = resolveOptions(options);
  const { client, challengeStatus, development } = settings;
  const clock = createSidecarClock(client);
  const stateless = settings.stateless && {
    cookie: createCompanionCookie(settings.cookie, "stateless"),
    ...settings.stateless,
  };
  const impersonationCookie = createCompanionCookie(settings.cookie, "impersonation");
  const parts: GateParts<N> = {
    settings,
    engine: createEngine(settings),
    cookie: createSessionCookie(settings.cookie),
    deviceCookie: createDeviceCookie(settings.cookie),
    replaced: replacedInProcess(),
    refusals: createRefusals({ challengeStatus, tellReason: development }),
    importLegacy: createLegacyImport(),
    noticeLogin: createLoginNotices(settings.cookie.place.secure, console.warn),
    clock,
    stateless:
      stateless &&
      createStatelessSessions({ ...stateless, audience: settings.cookie.place.name, clock, log: console.warn }),
    impersonationCookie,
    companions: stateless ? [impersonationCookie, stateless.cookie] : [impersonationCookie],
    recall: binding.recall,
  };

  const ready = settings.device === "recent" ? createDeviceCookieCheck(client) : async () => undefined;
  // Also logged at the start, because the host cannot stop it.
  ready().catch((error: Error) => console.error(error.message));

  /** True for requests whose session nobody needs, or not yet. */
  function isLeftAlone(request: RequestSession<N>): boolean {
    if (!settings.skip?.(request.native)) return settings.lazy;
    request.skip();
    return true;
  }

  /** The answer instead of the handler's; undefined: none. */
  function decide(request: RequestSession<N>): Answer | Promise<Answer> {
    if (isForgedChange(request)) return parts.refusals.refuse("CrossOrigin");
    const ofRoute = answerRoute(request);
    if (ofRoute instanceof Promise) return ofRoute.then((answer) => answer ?? decideByOutcome(request));
    return ofRoute ?? decideByOutcome(request);
  }

  function decideByOutcome(request: RequestSession<N>): Answer | Promise<Answer> {
    if (isLeftAlone(request)) return undefined;
    const outcome = request.load();
    if (outcome instanceof Promise) return outcome.then(({ response }) => response);
    // Known at once: it was served by a held answer.
    return outcome.response ?? client.holds?.endOfTick();
  }

  function finish(native: N, answer: Answer): boolean {
    if (answer) binding.deliver(native, answer);
    return answer === undefined;
  }

  async function decideInTurn(request: RequestSession<N>, isReady: Promise<void>): Promise<Answer> {
    await isReady;
    return decide(request);
  }

  async function finishLater(native: N, request: RequestSession<N>, answer: Promise<Answer>): Promise<boolean> {
    try {
      return finish(native, await answer);
    } catch (error) {
      return fail(request, error);
    }
  }

  return {
    settings,
    ready,
    handle(native) {
      const request = new RequestSession(parts, native, binding.read(native), binding.sink(native));
      try {
        binding.attach(native, attachedRequest(request));
        const answer = settings.device === "recent" ? decideInTurn(request, ready()) : decide(request);
        if (answer instanceof Promise) return finishLater(native, request, answer);
        return finish(native, answer);
      } catch (error) {
        return fail(request, error);
      }
    },
    authenticateUpgrade: (native, view) => authenticateUpgrade(parts, native, view),
  };
}

type Answer = GateResponse | undefined;

/** The host's error handlers may read the session: if no decision was possible, the request has no session. */
function fail<N>(request: RequestSession<N>, error: unknown): never {
  request.skip();
  throw error;
}

function isForgedChange<N>(request: RequestSession<N>): boolean {
  const { view, native, parts } = request;
  if (!isUnsafe(view)) return false;
  const { settings } = parts;
  // No page of another origin can send this header without asking (CORS), and no browser adds it by itself.
  if (settings.bearer && request.credentials.via === "bearer") return false;
  if (!settings.protectsFromCrossOrigin(native)) return false;
  return isCrossOriginChange(view, {
    trustedOrigins: settings.trustedOrigins,
    publicUrl: settings.publicUrl(native),
  });
}
