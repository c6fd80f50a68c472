import type { ByoSessionOptions } from "@byo-session/core";

/** What the functions among the options get to see of a request, in the proxy and on the server alike. */
export interface SessionRequest {
  /** `UNKNOWN` in a route handler that is told neither its request nor anything by the proxy. */
  readonly method: string;
  /** Absolute, as in the Web's `Request`. In a page it is what Next knows of it: without a fragment, at least `/`. */
  readonly url: string;
  readonly headers: Headers;
}

/** The options of every adapter, and two for Next. Paths are written as everywhere in Next: without `basePath`. */
export interface SessionOptions extends Omit<ByoSessionOptions<SessionRequest>, "sessionProperty"> {
  /**
   * Pages whose loads the proxy sends to `loginUrl` when there is no session: `/account`, `/orders/:id`, `/admin/:path*`
   * (that path and all below), written as in Next's `matcher`. A first screen that spares the page its work, never the guard: what a rewrite leads to is
   * not looked at, and what is no page load goes through. Guard in the page, action or route handler. Default: none.
   */
  protect?: readonly string[];
  /** Encrypts what a proxy on the edge runtime passes to the server. Default: derived from the integration key. */
  handoverSecret?: string;
}
