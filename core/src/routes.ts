import { SessionActionError } from "./errors.ts";
import { emptyResponse, type GateResponse, jsonResponse } from "./outcome.ts";
import { isNavigation, pathOfTarget } from "./request.ts";
import type { RequestSession } from "./request-session.ts";

interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** `name` is the last part of the path. */
  answer<N>(request: RequestSession<N>, name: string): Promise<GateResponse>;
}

const whoAmI: Route = {
  method: "GET",
  async answer(request) {
    const outcome = await request.load();
    if (outcome.kind === "respond") return outcome.response;
    return jsonResponse(200, { session: outcome.session, ...(outcome.reason && { reason: outcome.reason }) });
  },
};

const list: Route = {
  method: "GET",
  answer: async ({ byo }) => jsonResponse(200, { sessions: await byo.listSessions() }),
};

/** Needs no validation, so that a session whose device is lost can be left too. */
const logout: Route = {
  method: "POST",
  async answer(request) {
    await request.byo.logout();
    if (!isNavigation(request.view)) return emptyResponse(204);
    return emptyResponse(303, [["Location", request.parts.settings.loginUrl ?? "/"]]);
  },
};

const logoutOthers: Route = {
  method: "POST",
  answer: async ({ byo }) => jsonResponse(200, { sessionsInvalidated: await byo.logoutOthers() }),
};

/** Also without a session: a login can bring its proof along. */
const challenge: Route = {
  method: "GET",
  answer: async ({ byo }) => jsonResponse(200, await byo.deviceChallenge()),
};

/** Bodies are the application's to read, so whether to remember the device is asked in the query: `?remember=true`. */
const device: Route = {
  method: "POST",
  async answer({ view, byo }) {
    const rememberDevice = /[?&]remember=true(&|$)/.test(view.target);
    return jsonResponse(200, await byo.registerDevice({ rememberDevice }));
  },
};

const ticket: Route = {
  method: "POST",
  answer: async ({ byo }) => jsonResponse(200, await byo.upgradeTicket()),
};

const revoke: Route = {
  method: "DELETE",
  async answer({ byo }, name) {
    await byo.revoke(name);
    return emptyResponse(204);
  },
};

const NAMED: Readonly<Record<string, Route>> = {
  "": whoAmI,
  list,
  logout,
  "logout-others": logoutOthers,
  challenge,
  device,
  ticket,
};

/** The answer of a ready-made route; undefined: the request is for the application. */
export async function answerRoute<N>(request: RequestSession<N>): Promise<GateResponse | undefined> {
  const { settings, refusals } = request.parts;
  const { target, routedTarget = target } = request.view;
  const name = nameBelow(settings.routesPrefix, routedTarget);
  if (name === undefined) return undefined;
  if (!/^[\w-]*$/.test(name)) return refusals.refuse("RouteNotFound");
  const route = Object.hasOwn(NAMED, name) ? NAMED[name] : revoke;
  const { method } = request.view;
  if (!route || (method !== route.method && !(method === "HEAD" && route.method === "GET"))) {
    const refused = refusals.refuse("MethodNotAllowed");
    return { ...refused, headers: [...refused.headers, ["Allow", route?.method ?? "GET"]] };
  }
  try {
    return await route.answer(request, name);
  } catch (error) {
    if (error instanceof SessionActionError) return error.response;
    throw error;
  }
}

/** What follows the prefix, or undefined for a path that is not below it. */
function nameBelow(prefix: string | undefined, target: string): string | undefined {
  if (prefix === undefined || !target.startsWith(prefix)) return undefined;
  const path = pathOfTarget(target);
  if (path === prefix) return "";
  // A host with `trailingSlash` sends every request to the path with one.
  return path[prefix.length] === "/" ? path.slice(prefix.length + 1).replace(/\/$/, "") : undefined;
}
