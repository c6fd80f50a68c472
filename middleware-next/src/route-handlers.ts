import { createWebSink, respond } from "@byo-session/core/web";
import type { NextRequest } from "next/server.js";
import type { Grant } from "./grants.ts";
import { addressOf, placeOf } from "./paths.ts";
import type { ServerStage } from "./server-stage.ts";
import { responseOrThrown } from "./thrown-answers.ts";

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
    const where = { ...address, place: placeOf(address.routedTarget), url: nextUrl.origin + address.target };
    const entered = await stage.enter({ part: "route", method, headers, sink, original: request, ...where });
    return respond(sink, async () => {
      const context = { params, ...(await grant(entered)) };
      return responseOrThrown(sink, () => handler(request, context));
    });
  };
}
