import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";
import { type Ambient, createAmbient } from "./ambient.ts";
import { createHandlers, type Handlers } from "./handlers.ts";
import type { SessionOptions } from "./options.ts";
import { createParts } from "./parts.ts";
import { createProxy, type InnerProxy, type SessionProxy } from "./proxy.ts";
import { createServerStage } from "./server-stage.ts";
import { authenticateUpgrade } from "./upgrade.ts";

/** Everything that an application needs, with one and the same options: the proxy, and the functions of the server. */
export interface Sessions extends Ambient, Handlers {
  /**
   * For `proxy.ts`, and as `middleware` for `middleware.ts`: validates the session of each request that the `matcher` lets
   * in, rotates its token when that is due, and tells the pages and routes behind it what it has found out.
   *
   * @example export { proxy } from "./lib/sessions";
   */
  proxy: SessionProxy;
  /**
   * The same around another proxy: that one runs for the requests that may pass, and its answer keeps its cookies and what
   * it says of the request's headers.
   *
   * @example export const proxy = withProxy(createMiddleware(routing)); // of next-intl
   */
  withProxy(inner: InnerProxy): SessionProxy;
  /**
   * The session of a request that opens a WebSocket, in an application with a Node server of its own: Next serves none. It
   * never rejects: an error of the application is logged, and the result is `InternalError`.
   */
  authenticateUpgrade(request: IncomingMessage): Promise<UpgradeResult>;
}

/**
 * Makes the sessions of an application, once, in a module that its proxy and its server both import. The options are
 * looked at when the first request comes, since a build has no environment.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, at that time, for invalid options; the message says how to fix them.
 * @example
 * // lib/sessions.ts
 * export const { proxy, getSession, requireSession, withSession, byo } = createSessions({ loginUrl: "/login" });
 */
export function createSessions(options: SessionOptions = {}): Sessions {
  const parts = createParts(options);
  const stage = createServerStage(parts);
  // Only where a request leads to tells the proxy whether anybody asks for its session.
  const ofProxy = createParts({ ...options, lazy: true });
  const isLazy = options.lazy === true;
  return {
    proxy: createProxy(ofProxy, isLazy),
    withProxy: (inner) => createProxy(ofProxy, isLazy, inner),
    ...createAmbient(stage),
    ...createHandlers(stage, options),
    authenticateUpgrade: (request) => authenticateUpgrade(parts, request),
  };
}
