import { emptyResponse, type GateResponse } from "../answers/gate-response.ts";
import type { Reason, RefusalReason } from "../answers/reasons.ts";
import { isAtLeast, meetsDemand } from "../device/evidence.ts";
import { ConfigurationError } from "../errors.ts";
import { type ImpersonationRule, isImpersonationRule, refusalUnder } from "../impersonation/rule.ts";
import { loginAddress } from "../paths/login-address.ts";
import { addressedOf, returnToOf } from "../paths/paths.ts";
import { isPageNavigation, type RequestView } from "../request/request-view.ts";
import type { Session, SessionTag } from "../session.ts";
import { expectOptionsObject } from "../settings/options-object.ts";
import type { SidecarClock } from "../sidecar/clock.ts";
import { expectQuietRequests } from "./activity.ts";
import type { Outcome } from "./outcome.ts";
import type { RequestSession } from "./request-session.ts";

/** What a guard requires besides a session. */
export interface SessionRequirements {
  /** The session needs all of them. A missing tag is 403 `MissingRequiredTag`. */
  tags?: readonly SessionTag[];
  /**
   * The session needs a device and this evidence of it: `proof` is a proof in this request, `recent` a proof a few
   * minutes ago; otherwise 401 `DeviceVerificationRequired`. Default: the option `device`, for sessions with a device.
   */
  device?: "proof" | "recent";
  /** The user must have proved who they are within this many seconds; otherwise 401 `ReauthenticationRequired`. */
  maxAuthAgeSecs?: number;
  /**
   * False: such a request does not keep the session from becoming inactive, like polling by a page that may be left
   * open. Everything is checked as usual. Default: true.
   */
  activity?: boolean;
  /**
   * Whether an employee who acts as the user may pass. `read-only`: only if the request reads; otherwise 403
   * `ImpersonationReadOnly`. `refuse`: never, 403 `ImpersonationRefused`. Default: the option `impersonation`.
   */
  impersonation?: ImpersonationRule;
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for requirements that could never be met or would be ignored. */
export function checkRequirements(requirements: SessionRequirements): SessionRequirements {
  expectOptionsObject(requirements, "requireSession");
  const { tags = [], device, maxAuthAgeSecs, impersonation, activity, ...unknown } = requirements;
  const problem =
    Object.keys(unknown).length > 0
      ? `unknown requirement ${Object.keys(unknown).join(", ")}: expected tags, device, maxAuthAgeSecs, activity or impersonation`
      : !Array.isArray(tags)
        ? "`tags`: expected a list"
        : device !== undefined && device !== "proof" && device !== "recent"
          ? '`device`: expected "proof" or "recent"'
          : maxAuthAgeSecs !== undefined && !(maxAuthAgeSecs >= 0)
            ? "`maxAuthAgeSecs`: expected seconds"
            : impersonation !== undefined && !isImpersonationRule(impersonation)
              ? '`impersonation`: expected "refuse", "read-only" or "allow"'
              : activity !== undefined && typeof activity !== "boolean"
                ? "`activity`: expected true or false"
                : undefined;
  if (problem) throw new ConfigurationError("ERR_BYO_OPTIONS", `requireSession(): ${problem}`);
  if (activity === false) expectQuietRequests();
  return requirements;
}

/** The response to a request that may not pass; undefined if it may. At once if nothing has to be waited for. */
export function answerOfGuard<N>(
  request: RequestSession<N>,
  requirements: SessionRequirements,
  asPage?: boolean,
): GateResponse | undefined | Promise<GateResponse | undefined> {
  if (isPreflight(request.view)) {
    // It carries no credentials by design, so 401 would break every call behind it; and no handler may run for it.
    return { ...emptyResponse(204), headers: request.corsHeaders() };
  }
  if (requirements.activity === false) request.activity.neverCount();
  const outcome = request.load();
  if (outcome instanceof Promise) return outcome.then((loaded) => answerOf(request, loaded, requirements, asPage));
  return answerOf(request, outcome, requirements, asPage);
}

function answerOf<N>(
  request: RequestSession<N>,
  outcome: Outcome,
  requirements: SessionRequirements,
  asPage: boolean | undefined,
): GateResponse | undefined | Promise<GateResponse | undefined> {
  if (outcome.kind === "respond") return outcome.response;
  request.letIn({
    recentProof: requirements.device === "recent",
    impersonation: requirements.impersonation === "allow",
  });
  if (requirements.activity === false && request.activity.isUnknownThere)
    throw new ConfigurationError(...UNKNOWN_THERE);
  // Read again, because handlers before this guard may have logged in or out.
  const { session } = request;
  const unmet = session ? findUnmet(session, requirements, request) : (outcome.reason ?? "NoSession");
  if (unmet !== undefined) return refuseUnmet(unmet, request, asPage);
  if (!session || requirements.maxAuthAgeSecs === undefined) return undefined;
  return refuseTooOld(session, requirements.maxAuthAgeSecs, request, asPage);
}

const UNKNOWN_THERE = [
  "ERR_BYO_OPTIONS",
  "requireSession({ activity: false }) needs a sidecar that does not count such requests as activity, and this one counts " +
    "all of them: use @byo-session/sidecar, or leave out `activity`",
] as const;

async function refuseTooOld<N>(
  session: Session,
  maxAuthAgeSecs: number,
  request: RequestSession<N>,
  asPage: boolean | undefined,
): Promise<GateResponse | undefined> {
  const unmet = await findTooOld(session, maxAuthAgeSecs, request.parts.clock);
  return unmet && refuseUnmet(unmet, request, asPage);
}

function refuseUnmet<N>(unmet: RefusalReason, request: RequestSession<N>, asPage: boolean | undefined): GateResponse {
  if (unmet === "DeviceVerificationRequired") request.noteMissingProof();
  return refuse(unmet, request, asPage);
}

function findUnmet<N>(
  session: Session,
  { tags, device, impersonation }: SessionRequirements,
  request: RequestSession<N>,
): RefusalReason | undefined {
  const isEnough = device ? isAtLeast(session.deviceEvidence, device) : meetsDemand(session, request.demand);
  // Before anything that reveals what the session contains.
  if (!isEnough) return "DeviceVerificationRequired";
  const refusal = session.impersonator && refusalUnder(impersonation ?? ruleOf(request), request.view);
  if (refusal) return refusal;
  return tags?.some((tag) => !session.tags.includes(tag)) ? "MissingRequiredTag" : undefined;
}

/** What a guard before this one has let in is not refused by one that says nothing. */
function ruleOf<N>({ mayImpersonate, parts }: RequestSession<N>): ImpersonationRule {
  return mayImpersonate ? "allow" : parts.settings.impersonation;
}

async function findTooOld(
  { authenticatedAt }: Session,
  maxAuthAgeSecs: number,
  clock: SidecarClock,
): Promise<RefusalReason | undefined> {
  const nowSecs = await clock();
  if (nowSecs === undefined) return "SidecarUnavailable";
  return nowSecs - authenticatedAt > maxAuthAgeSecs ? "ReauthenticationRequired" : undefined;
}

/** A login brings neither a device nor its key. */
const NO_LOGIN_HELPS: ReadonlySet<Reason> = new Set<Reason>(["DeviceVerificationRequired", "DeviceVerificationFailed"]);

function refuse<N>(reason: RefusalReason, request: RequestSession<N>, asPage?: boolean): GateResponse {
  const { view, parts } = request;
  const { refusals, settings } = parts;
  const response = refusals.refuse(reason);
  const canLogIn = response.status === 401 && !NO_LOGIN_HELPS.has(reason);
  if (settings.loginUrl === undefined || !canLogIn || !(asPage ?? isPageNavigation(view))) return response;
  const addressed = addressedOf(request);
  const location = loginAddress(addressed, settings.loginUrl, returnToOf(addressed), reason);
  return { ...emptyResponse(302, [["Location", location]]), reason };
}

function isPreflight(view: RequestView): boolean {
  return view.method === "OPTIONS" && view.header("access-control-request-method") !== undefined;
}
