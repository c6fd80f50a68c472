import { emptyResponse, type GateResponse, jsonResponse } from "../answers/gate-response.ts";
import { SCRIPT_ROUTE } from "../device-page/answer.ts";
import { PROVING_SCRIPT } from "../device-page/script.generated.ts";
import { SessionActionError } from "../errors.ts";
import { addressedOf, publicFormOf, routedFormsOf } from "../paths/paths.ts";
import { isNavigation, pathOfTarget } from "../request/request-view.ts";
import { createActions, type SessionActions } from "./actions/actions.ts";
import type { RequestSession } from "./request-session.ts";

interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Serves a session with a device also without a proof of it. */
  readonly withoutProof?: true;
  /** `name` is the last part of the path. */
  answer<N>(byo: SessionActions, request: RequestSession<N>, name: string): Promise<GateResponse>;
}

const whoAmI: Route = {
  method: "GET",
  async answer(_byo, request) {
    const outcome = await request.load();
    if (outcome.kind === "respond") return outcome.response;
    return jsonResponse(200, { session: outcome.session, ...(outcome.reason && { reason: outcome.reason }) });
  },
};

const list: Route = {
  method: "GET",
  answer: async (byo) => jsonResponse(200, { sessions: await byo.listSessions() }),
};

/** Needs no validation, so that a session whose device is lost can be left too. */
const logout: Route = {
  method: "POST",
  withoutProof: true,
  async answer(byo, request) {
    await byo.logout();
    if (!isNavigation(request.view)) return emptyResponse(204);
    return emptyResponse(303, [
      ["Location", publicFormOf(addressedOf(request), request.parts.settings.loginUrl ?? "/")],
    ]);
  },
};

const logoutOthers: Route = {
  method: "POST",
  answer: async (byo) => jsonResponse(200, { sessionsInvalidated: await byo.logoutOthers() }),
};

/** Also without a session: a login can bring its proof along. */
const challenge: Route = {
  method: "GET",
  withoutProof: true,
  answer: async (byo) => jsonResponse(200, await byo.deviceChallenge()),
};

const device: Route = {
  method: "POST",
  answer: async (byo) => jsonResponse(200, await byo.registerDevice()),
};

/** What the page runs that stands in for one whose load had no recent proof. It holds nothing of any user. */
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

/** By what follows the prefix; anything else is the id of a session. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "": whoAmI,
  list,
  logout,
  "logout-others": logoutOthers,
  challenge,
  device,
  ticket,
  [SCRIPT_ROUTE]: proveDevice,
};

/** The answer of a ready-made route; undefined: the request is for the application. */
export async function answerRoute<N>(request: RequestSession<N>): Promise<GateResponse | undefined> {
  const { settings, refusals } = request.parts;
  const [name] = routedFormsOf(request.view).flatMap((target) => nameBelow(settings.routesPrefix, target) ?? []);
  if (name === undefined) return undefined;
  if (!/^[\w-]*$/.test(name)) return refusals.refuse("RouteNotFound");
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : revoke;
  const { method } = request.view;
  if (!route || (method !== route.method && !(method === "HEAD" && route.method === "GET"))) {
    const refused = refusals.refuse("MethodNotAllowed");
    return { ...refused, headers: [...refused.headers, ["Allow", route?.method ?? "GET"]] };
  }
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

/** A recent proof opens pages. These answers are data, and the page that asks for them can sign. */
async function refuseUnproved<N>(request: RequestSession<N>): Promise<GateResponse | undefined> {
  const { response } = await request.load();
  if (response || !request.lacksProof) return response;
  request.noteMissingProof();
  return request.parts.refusals.refuse("DeviceVerificationRequired");
}

/** What follows the prefix, or undefined for a path that is not below it. */
function nameBelow(prefix: string | undefined, target: string): string | undefined {
  if (prefix === undefined || !target.startsWith(prefix)) return undefined;
  const path = pathOfTarget(target);
  if (path === prefix) return "";
  // A host with `trailingSlash` sends every request to the path with one.
  return path[prefix.length] === "/" ? path.slice(prefix.length + 1).replace(/\/$/, "") : undefined;
}
