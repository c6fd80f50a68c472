import {
  ConfigurationError,
  checkRequirements,
  type Session,
  SessionActionError,
  type SessionActions,
} from "@byo-session/core";
import type { NextRequest } from "next/server.js";
import type { EnteredRequests } from "./entered-requests.ts";
import { comparableMethod } from "./handover.ts";
import type { SessionOptions } from "./options.ts";
import { createServerStage, type Entered, type ServerVisit } from "./server-stage.ts";
import type { Sessions } from "./sessions.ts";
import { createWebSink, responseOf, type WebSink } from "./web-response.ts";

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
  requests: EnteredRequests,
  options: SessionOptions | undefined,
): Pick<Sessions, "withByo" | "withSession" | "sessionRoutes"> {
  async function enter(request: NextRequest, sink: WebSink): Promise<Entered> {
    const visit = visitOf(request, sink);
    const entered = await requests.enter(visit);
    // The response of the proxy has the cookie; this one has what caches are told, and may tell them otherwise.
    if (visit.handover?.setsCookie) sink.write({ setCookies: [], dropWhenLate: false });
    return entered;
  }

  return {
    withByo:
      (handler) =>
      async (request, { params }) => {
        const sink = createWebSink();
        const { attached, answer } = await enter(request, sink);
        if (answer) return sink.finish(responseOf(answer));
        return sink.finish(await answeringErrors(async () => handler(request, { params, byo: attached.byo })));
      },

    withSession(handler, requirements = {}) {
      const checked = checkRequirements(requirements);
      return async (request, { params }) => {
        const sink = createWebSink();
        const { attached, answer } = await enter(request, sink);
        const { byo } = attached;
        const response = await answeringErrors(async () => {
          const refusal = answer ?? (await attached.guard(checked));
          if (refusal) return responseOf(refusal);
          const session = await byo.getSession();
          if (!session) throw new Error("a guard let a request without a session pass");
          return handler(request, { params, session, byo });
        });
        return sink.finish(response);
      };
    },

    sessionRoutes() {
      const routes = options?.routes || DEFAULT_ROUTES;
      const stage = createServerStage(options, { routes });
      const route = async (request: NextRequest) => {
        const sink = createWebSink();
        const { answer } = await stage.enter(visitOf(request, sink));
        if (answer) return sink.finish(responseOf(answer));
        throw new ConfigurationError(
          "ERR_BYO_OPTIONS",
          `sessionRoutes() serves ${routes.prefix}, and this route is ${request.nextUrl.pathname}: move the file to ` +
            `app${routes.prefix}/[[...path]]/route.ts, or pass the prefix to createSessions({ routes: { prefix } })`,
        );
      };
      return { GET: route, POST: route, DELETE: route };
    },
  };
}

const DEFAULT_ROUTES = { prefix: "/session" };

function visitOf(request: NextRequest, sink: WebSink): ServerVisit {
  const { pathname, search } = request.nextUrl;
  return {
    ...{ method: request.method, url: request.url, headers: request.headers, target: pathname + search },
    ...{ knownMethod: comparableMethod(request.method), knownPath: pathname },
    ...{ isRender: false, asPage: false, sink },
  };
}

async function answeringErrors(handler: () => Promise<Response>): Promise<Response> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof SessionActionError) return responseOf(error.response);
    throw error;
  }
}
