import type { ByoSessionOptions } from "@byo-session/core";

/** What the functions among the options get to see of a request, in the proxy and on the server alike. */
export interface SessionRequest {
  readonly method: string;
  /** Absolute, as in the Web's `Request`. In a page it is what Next tells of it: without a fragment, `/` at the least. */
  readonly url: string;
  readonly headers: Headers;
}

/** The options of every adapter, and two of Next's own. Give the same ones to `byoSession()` and `createSessions()`. */
export interface SessionOptions extends Omit<ByoSessionOptions<SessionRequest>, "sessionProperty"> {
  /**
   * Pages and routes that the proxy guards as `requireSession()` does: `/account`, `/orders/:id`, `/admin/:path*` (that
   * path and all below). Only the proxy looks at it. Default: none.
   */
  protect?: readonly string[];
  /** What the proxy signs its word to the server with. Default: derived from the integration key. */
  handoverSecret?: string;
}

/** Options that are plain data and no secret: the proxy tells them to the server functions that were given none. */
const TOLD = [
  "cookie",
  "loginUrl",
  "publicUrl",
  "trustedOrigins",
  "bearer",
  "device",
  "challengeStatus",
] as const satisfies readonly (keyof SessionOptions)[];

/** As JSON, so that equal options are equal text. What is a function is left out. */
export function toldOptions(options: SessionOptions): string {
  return JSON.stringify(Object.fromEntries(TOLD.map((name) => [name, options[name]])));
}
