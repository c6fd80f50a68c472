import { ConfigurationError, checkRequirements, type Session, type SessionActions } from "@byo-session/core";
import { createWebSink, respond, responseOf } from "@byo-session/core/web";
import type { NextRequest } from "next/server.js";
import type { SessionOptions } from "./options.ts";
import { createParts } from "./parts.ts";
import { addressOf } from "./paths.ts";
import { createServerStage, type Entered, type ServerStage } from "./server-stage.ts";
import type { Sessions } from "./sessions.ts";

/** The parameters of a route, where they are not said more precisely. */
export type AnyParams = Record<string, string | string[] | undefined>;

/** What a route handler gets from Next, and what its request can do with sessions. */
export interface ByoContext<Params = AnyParams> {
  readonly params: Promise<Params>;
  readonly byo: SessionActions;
}

/** The same with the session that the guard has found. */
export interface SessionContext<Params = AnyParams> extends ByoContext<Params> {
  readonly session: Session;
}

export type Handler<Context> = (request: NextRequest, context: Context) => Response | Promise<Response>;

export type RouteHandler<Params> = (request: NextRequest, context: { params: Promise<Params> }) => Promise<Response>;

export type SessionRoutes = Record<"GET" | "POST" | "DELETE", (request: NextRequest) => Promise<Response>>;

/** The functions for route handlers, which are given their request and answer with a response. */
export function createRouteHandlers(
  stage: ServerStage,
  options: SessionOptions,
): Pick<Sessions, "withByo" | "withSession" | "sessionRoutes"> {
  return {
    withByo:
      (handler) =>
      (request, { params }) =>
        answer(stage, request, async ({ attached }) => handler(request, { params, byo: attached.byo })),

    withSession(handler, requirements = {}) {
      const checked = checkRequirements(requirements);
      return (request, { params }) =>
        answer(stage, request, async ({ attached }) => {
          const refusal = await attached.guard(checked);
          if (refusal) return responseOf(refusal);
          const session = await attached.byo.getSession();
          if (!session) throw new Error("a guard let a request without a session pass");
          return handler(request, { params, session, byo: attached.byo });
        });
    },

    sessionRoutes() {
      const { prefix } = options.routes || DEFAULT_ROUTES;
      const ofRoutes = createServerStage(createParts({ ...options, routes: { prefix } }));
      const route = (request: NextRequest) =>
        answer(ofRoutes, request, () => {
          throw new ConfigurationError(
            "ERR_BYO_OPTIONS",
            `sessionRoutes() serves ${prefix}, and this route is ${request.nextUrl.pathname}: move the file to ` +
              `app${prefix}/[[...path]]/route.ts, or pass the prefix to createSessions({ routes: { prefix } })`,
          );
        });
      return { GET: route, POST: route, DELETE: route };
    },
  };
}

const DEFAULT_ROUTES = { prefix: "/session" };

async function answer(
  stage: ServerStage,
  request: NextRequest,
  handler: (entered: Entered) => Response | Promise<Response>,
): Promise<Response> {
  const { method, headers, nextUrl } = request;
  const sink = createWebSink();
  const address = addressOf(nextUrl);
  const url = nextUrl.origin + address.target;
  const entered = await stage.enter({ part: "route", knowsTarget: true, method, url, headers, ...address, sink });
  // The response of the proxy has the cookie; this one has what caches are told, and may tell them otherwise.
  if (entered.proxySetsCookie) sink.write({ setCookies: [], dropWhenLate: false });
  return respond(sink, entered.answer, () => handler(entered));
}
