import { emptyResponse, type GateResponse, jsonResponse } from "../answers/gate-response.ts";
import { SCRIPT_ROUTE } from "../device-page/answer.ts";
import { PROVING_SCRIPT } from "../device-page/script.generated.ts";
import { SessionActionError } from "../errors.ts";
import { addressedOf, publicFormOf, routedFormsOf } from "../paths/paths.ts";
import { isNavigation, pathOfTarget } from "../request/request-view.ts";
import { createActions } from "./actions/actions.ts";
import type { SessionActions } from "./actions/session-actions.ts";
import { endPresentedImpersonation } from "./actions/start-session.ts";
import { answerBackchannelLogout } from "./backchannel-logout.ts";
import type { RequestSession } from "./request-session.ts";

interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Also serves a session with a device without a proof. */
  readonly withoutProof?: true;
  /** Such a request does not keep the session from becoming inactive. */
  readonly isQuiet?: true;
  /** `name` is the last part of the path. */
  answer<N>(byo: SessionActions, request: RequestSession<N>, name: string): Promise<GateResponse>;
}

function redirect<N>(request: RequestSession<N>, address: string): GateResponse {
  return emptyResponse(303, [["Location", publicFormOf(addressedOf(request), address)]]);
}

const whoAmI: Route = {
  method: "GET",
  async answer(_byo, request) {
    const outcome = await request.load();
    if (outcome.kind === "respond") return outcome.response;
    // A page has to show that an employee acts as the user, wherever else that is refused.
    if (request.isImpersonated) request.letIn({ impersonation: true });
    const session = request.isImpersonated ? request.session : outcome.session;
    const reason = session ? undefined : outcome.reason;
    // A browser's clock may be hours off: it needs the sidecar's to count down.
    const now = session?.idleExpiresAt === undefined ? undefined : await request.parts.clock();
    return jsonResponse(200, { session, ...(reason && { reason }), ...(now !== undefined && { now }) });
  },
};

/** For a page that warns before the session becomes inactive: it must be able to look without using the session. */
const idle: Route = { ...whoAmI, isQuiet: true };

const list: Route = {
  method: "GET",
  answer: async (byo) => jsonResponse(200, { sessions: await byo.listSessions() }),
};

/** Needs no validation, so that a user whose device key is lost can log out too. */
const logout: Route = {
  method: "POST",
  withoutProof: true,
  async answer(byo, request) {
    await byo.logout();
    return isNavigation(request.view) ? redirect(request, request.parts.settings.loginUrl ?? "/") : emptyResponse(204);
  },
};

/** Needs no validation either: it leads back to the employee's own session. */
const stopImpersonating: Route = {
  method: "POST",
  withoutProof: true,
  async answer(_byo, request) {
    await endPresentedImpersonation(request);
    request.stopImpersonation();
    return isNavigation(request.view) ? redirect(request, "/") : emptyResponse(204);
  },
};

const logoutOthers: Route = {
  method: "POST",
  answer: async (byo) => jsonResponse(200, { sessionsInvalidated: await byo.logoutOthers() }),
};

/** Works without a session: a login can include a proof. */
const challenge: Route = {
  method: "GET",
  withoutProof: true,
  answer: async (byo) => jsonResponse(200, await byo.deviceChallenge()),
};

const device: Route = {
  method: "POST",
  answer: async (byo) => jsonResponse(200, await byo.registerDevice()),
};

/** The script of the proving page. It contains no user's data. */
const proveDevice: Route = {
  method: "GET",
  withoutProof: true,
  answer: async () => ({
    status: 200,
    headers: [
      ["Content-Type", "text/javascript; charset=utf-8"],
      ["Cache-Control", "private, no-store"],
      ["X-Content-Type-Options", "nosniff"],
    ],
    body: PROVING_SCRIPT,
  }),
};

const ticket: Route = {
  method: "POST",
  answer: async (byo) => jsonResponse(200, await byo.upgradeTicket()),
};

const revoke: Route = {
  method: "DELETE",
  async answer(byo, _request, name) {
    await byo.revoke(name);
    return emptyResponse(204);
  },
};

/** The provider's server calls it: without cookies, and only if a provider is set. */
const backchannelLogout: Route = {
  method: "POST",
  withoutProof: true,
  answer: (_byo, request) => answerBackchannelLogout(request),
};

const BACKCHANNEL_LOGOUT = "backchannel-logout";

/** By the part after the prefix; anything else is a session id. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "": whoAmI,
  idle,
  list,
  logout,
  "logout-others": logoutOthers,
  "stop-impersonating": stopImpersonating,
  challenge,
  device,
  ticket,
  [SCRIPT_ROUTE]: proveDevice,
  [BACKCHANNEL_LOGOUT]: backchannelLogout,
};

/** The response of a ready-made route; undefined, at once, if the request is for the application. */
export function answerRoute<N>(
  request: RequestSession<N>,
): GateResponse | undefined | Promise<GateResponse | undefined> {
  const { settings, refusals } = request.parts;
  if (settings.routesPrefix === undefined) return undefined;
  const [name] = routedFormsOf(request.view).flatMap((target) => nameBelow(settings.routesPrefix, target) ?? []);
  if (name === undefined) return undefined;
  if (!/^[\w-]*$/.test(name)) return refusals.refuse("RouteNotFound");
  const isServed = name !== BACKCHANNEL_LOGOUT || settings.logoutProviders.length > 0;
  const route = isServed && Object.hasOwn(ROUTES, name) ? ROUTES[name] : revoke;
  const { method } = request.view;
  if (!route || (method !== route.method && !(method === "HEAD" && route.method === "GET"))) {
    const refused = refusals.refuse("MethodNotAllowed");
    return { ...refused, headers: [...refused.headers, ["Allow", route?.method ?? "GET"]] };
  }
  return answerBy(route, request, name);
}

async function answerBy<N>(route: Route, request: RequestSession<N>, name: string): Promise<GateResponse> {
  if (route.isQuiet) request.activity.neverCount();
  else request.activity.countNow();
  try {
    return (
      (route.withoutProof ? undefined : await refuseUnproved(request)) ??
      (await route.answer(createActions(request), request, name))
    );
  } catch (error) {
    if (error instanceof SessionActionError) return error.response;
    throw error;
  }
}

/** A recent proof opens pages. These responses are data, and the page that requests them can sign. */
async function refuseUnproved<N>(request: RequestSession<N>): Promise<GateResponse | undefined> {
  const { response } = await request.load();
  if (response || !request.lacksProof) return response;
  request.noteMissingProof();
  return request.parts.refusals.refuse("DeviceVerificationRequired");
}

/** The part after the prefix, or undefined for a path that is not below it. */
function nameBelow(prefix: string | undefined, target: string): string | undefined {
  if (prefix === undefined || !target.startsWith(prefix)) return undefined;
  const path = pathOfTarget(target);
  if (path === prefix) return "";
  // A host with `trailingSlash` redirects every request to the path with a slash.
  return path[prefix.length] === "/" ? path.slice(prefix.length + 1).replace(/\/$/, "") : undefined;
}
