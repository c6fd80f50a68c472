import { ConfigurationError } from "./errors.ts";
import { emptyResponse, type GateResponse, type RefusalReason } from "./outcome.ts";
import { isPageNavigation, type RequestView } from "./request.ts";
import type { RequestSession } from "./request-session.ts";
import { safeReturnTo } from "./return-to.ts";
import type { Session, SessionTag } from "./session.ts";

/** What a guard asks of a request beyond a session. */
export interface SessionRequirements {
  /** All of them. A missing one is 403 `MissingRequiredTag`. */
  tags?: readonly SessionTag[];
  /** This very request proves the device's key; else 401 `DeviceVerificationRequired`. */
  device?: "required";
  /** At most this long since the user proved who they are; else 401 `ReauthenticationRequired`. */
  maxAuthAgeSecs?: number;
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for requirements that could never be met or would not be looked at. */
export function checkRequirements(requirements: SessionRequirements): SessionRequirements {
  const { tags = [], device, maxAuthAgeSecs, ...unknown } = requirements;
  const problem =
    Object.keys(unknown).length > 0
      ? `no such requirement: ${Object.keys(unknown).join(", ")}; there are tags, device, maxAuthAgeSecs`
      : !Array.isArray(tags)
        ? "`tags`: expected a list"
        : device !== undefined && device !== "required"
          ? '`device`: expected "required"'
          : maxAuthAgeSecs !== undefined && !(maxAuthAgeSecs >= 0)
            ? "`maxAuthAgeSecs`: expected seconds"
            : undefined;
  if (problem) throw new ConfigurationError("ERR_BYO_OPTIONS", `requireSession(): ${problem}`);
  return requirements;
}

/** The answer to a request that may not pass; undefined: it may. */
export async function answerOfGuard<N>(
  request: RequestSession<N>,
  requirements: SessionRequirements,
  asPage = isPageNavigation(request.view),
): Promise<GateResponse | undefined> {
  const { view, parts } = request;
  const { refusals, settings } = parts;
  if (isPreflight(view)) {
    // It carries no credentials by design, so 401 would break every call behind it; and no handler may run for it.
    return { ...emptyResponse(204), headers: request.corsHeaders() };
  }
  const outcome = await request.load();
  if (outcome.kind === "respond") return outcome.response;
  // Asked anew: the handlers before this guard may have logged in or out.
  const { session } = request;
  const unmet = session ? await findUnmet(request, session, requirements) : (outcome.reason ?? "NoSession");
  if (unmet === undefined) return undefined;
  const response = refusals.refuse(unmet);
  const canLogIn = response.status === 401 && !unmet.startsWith("DeviceVerification");
  if (settings.loginUrl === undefined || !canLogIn || !asPage) return response;
  return emptyResponse(302, [["Location", loginAddress(settings.loginUrl, view.target, unmet)]]);
}

async function findUnmet<N>(
  { parts }: RequestSession<N>,
  session: Session,
  { tags, device, maxAuthAgeSecs }: SessionRequirements,
): Promise<RefusalReason | undefined> {
  if (tags?.some((tag) => !session.tags.includes(tag))) return "MissingRequiredTag";
  if (device === "required" && !session.deviceVerified) return "DeviceVerificationRequired";
  if (maxAuthAgeSecs === undefined) return undefined;
  const nowSecs = await parts.clock();
  if (nowSecs === undefined) return "SidecarUnavailable";
  return nowSecs - session.authenticatedAt > maxAuthAgeSecs ? "ReauthenticationRequired" : undefined;
}

/** The reason goes along, so that the login page can say why: by then the cookie of the ended session is gone. */
function loginAddress(loginUrl: string, target: string, reason: RefusalReason): string {
  const parameters = new URLSearchParams({ returnTo: safeReturnTo(target) });
  if (reason !== "NoSession") parameters.set("reason", reason);
  return `${loginUrl}${loginUrl.includes("?") ? "&" : "?"}${parameters}`;
}

function isPreflight(view: RequestView): boolean {
  return view.method === "OPTIONS" && view.header("access-control-request-method") !== undefined;
}
