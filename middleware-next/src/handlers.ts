import { ConfigurationError, type SessionRequirements } from "@byo-session/core";
import type { GetServerSideProps, NextApiHandler } from "next/dist/types.js";
import { type ByoGiven, byoOf, type SessionGiven, sessionBehind } from "./grants.ts";
import type { SessionOptions } from "./options.ts";
import { type AnyProps, type ApiHandler, answerApi, answerProps, type PropsHandler } from "./pages-router.ts";
import { createParts } from "./parts.ts";
import { type AnyParams, answerRoute, type Handler, type RouteContext, type RouteHandler } from "./route-handlers.ts";
import { createServerStage, type ServerStage } from "./server-stage.ts";

/** The functions for handlers of each kind, which are given their request. */
export interface Handlers {
  /**
   * A route handler with or without a session. What `byo` changes goes out with its response, which no cache keeps then;
   * a `SessionActionError` that it throws becomes the answer.
   *
   * @example export const POST = withByo(async (request, { byo }) => { await byo.logout(); return Response.json({}); });
   */
  withByo<Params = AnyParams>(handler: Handler<ByoGiven & RouteContext<Params>>): RouteHandler<Params>;
  /**
   * The same behind a guard: only requests with a session reach it; the others are answered as by every adapter.
   *
   * @example export const GET = withSession((_request, { session }) => Response.json(session.userId));
   */
  withSession<Params = AnyParams>(
    handler: Handler<SessionGiven & RouteContext<Params>>,
    requirements?: SessionRequirements,
  ): RouteHandler<Params>;
  /**
   * `withByo()` for an API route of the Pages Router.
   *
   * @example export default apiWithByo(async (_req, res, { byo }) => { await byo.logout(); res.status(204).end(); });
   */
  apiWithByo(handler: ApiHandler<ByoGiven>): NextApiHandler;
  /** `withSession()` for an API route of the Pages Router. */
  apiWithSession(handler: ApiHandler<SessionGiven>, requirements?: SessionRequirements): NextApiHandler;
  /** `withByo()` for the `getServerSideProps` of a page. It has a response of its own, and so may log in and out too. */
  propsWithByo<Props extends AnyProps>(handler: PropsHandler<ByoGiven, Props>): GetServerSideProps<Props>;
  /**
   * `withSession()` for the `getServerSideProps` of a page: it sends who has no session to `loginUrl`, also where Next's
   * router has asked for the page. The session can be passed on to the page as it is.
   *
   * @example export const getServerSideProps = propsWithSession((_context, { session }) => ({ props: { session } }));
   */
  propsWithSession<Props extends AnyProps>(
    handler: PropsHandler<SessionGiven, Props>,
    requirements?: SessionRequirements,
  ): GetServerSideProps<Props>;
  /**
   * The ready-made routes, for an application without a proxy: `export const { GET, POST, DELETE } = sessionRoutes()` in
   * `app/session/[[...path]]/route.ts`. With the proxy its option `routes` serves them.
   */
  sessionRoutes(): SessionRoutes;
}

/** Of the ready-made routes. */
export type SessionRoutes = Record<"GET" | "POST" | "DELETE", RouteHandler>;

export function createHandlers(stage: ServerStage, options: SessionOptions): Handlers {
  return {
    withByo: (handler) => answerRoute(stage, byoOf, handler),
    withSession: (handler, requirements) => answerRoute(stage, sessionBehind(requirements), handler),
    apiWithByo: (handler) => answerApi(stage, byoOf, handler),
    apiWithSession: (handler, requirements) => answerApi(stage, sessionBehind(requirements), handler),
    propsWithByo: (handler) => answerProps(stage, byoOf, handler),
    propsWithSession: (handler, requirements) => answerProps(stage, sessionBehind(requirements), handler),

    sessionRoutes() {
      const { prefix = "/session", ...more } = options.routes || {};
      const ofRoutes = createServerStage(createParts({ ...options, routes: { prefix, ...more } }));
      const route = answerRoute(ofRoutes, byoOf, ({ nextUrl }) => {
        throw new ConfigurationError(
          "ERR_BYO_OPTIONS",
          `sessionRoutes() serves ${prefix}, and this route is ${nextUrl.pathname}: move the file to ` +
            `app${prefix}/[[...path]]/route.ts, or pass the prefix to createSessions({ routes: { prefix } })`,
        );
      });
      return { GET: route, POST: route, DELETE: route };
    },
  };
}
