import { createWebSink, respond } from "@byo-session/core/web";
import type { NextRequest } from "next/server.js";
import type { Grant } from "./handlers.ts";
import { addressOf, placeOf } from "./paths.ts";
import { NO_STORE, type ServerStage } from "./server-stage.ts";

/** The parameters of a route, where they are not said more precisely. */
export type AnyParams = Record<string, string | string[] | undefined>;

/** What a route handler gets from Next. */
export interface RouteContext<Params = AnyParams> {
  readonly params: Promise<Params>;
}

export type Handler<Context> = (request: NextRequest, context: Context) => Response | Promise<Response>;

export type RouteHandler<Params = AnyParams> = (
  request: NextRequest,
  context: RouteContext<Params>,
) => Promise<Response>;

/** Of the ready-made routes. */
export type SessionRoutes = Record<"GET" | "POST" | "DELETE", RouteHandler>;

/** Makes the route handler that Next calls. */
export function answerRoute<Given, Params>(
  stage: ServerStage,
  grant: Grant<Given>,
  handler: Handler<Given & RouteContext<Params>>,
): RouteHandler<Params> {
  return async (request, { params }) => {
    const { method, headers, nextUrl } = request;
    const sink = createWebSink(false, () => request.signal);
    const address = addressOf(nextUrl);
    const url = nextUrl.origin + address.target;
    const place = placeOf(address.routedTarget);
    const entered = await stage.enter({ part: "route", place, method, url, headers, ...address, sink });
    if (entered.proxySetsCookie) sink.write(NO_STORE);
    const answer = async () => handler(request, { params, ...(await grant(entered)) });
    return respond(sink, undefined, answer);
  };
}
