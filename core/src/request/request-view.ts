import type { RequestBody } from "./request-body.ts";

/**
 * What the middleware reads from a request. It is flat, without a parsed URL: most requests do not need one, and
 * hostile targets break parsing.
 */
export interface RequestView {
  readonly method: string;
  /**
   * The method that the host's routes see by now: what runs between the middleware and a route may replace it. Undefined:
   * nothing can.
   */
  readonly currentMethod?: string | undefined;
  /** The request target as received, including the query. */
  readonly target: string;
  /**
   * The target that the host's own routes see, if it differs: without the path that the middleware is mounted on.
   * Ready-made routes use it. Default: `target`.
   */
  readonly routedTarget?: string | undefined;
  /**
   * The prefix that the host itself adds to the application's addresses, which are then like `routedTarget`.
   * Undefined: the host adds nothing, and the application writes addresses as browsers see them.
   */
  readonly basePath?: string | undefined;
  /**
   * The host renders a page for it. The server knows this; the client cannot claim it. A page load cannot carry a
   * device proof, so a recent proof is enough by default.
   */
  readonly isRender?: boolean | undefined;
  /**
   * The value of a header by its lower-case name; several values of one name are joined as HTTP defines. In HTTP/2,
   * `host` is the pseudo-header `:authority`.
   */
  header(name: string): string | undefined;
  /** The body, for the one ready-made route that has one. It can be read once. */
  body?(): RequestBody;
  /** The client's address as the host trusts it, in any format. */
  readonly clientIp?: string | undefined;
  /** The request's connection uses TLS. False says nothing about the client: a proxy may terminate TLS. */
  readonly isEncrypted?: boolean;
}

function isSafeMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/**
 * Changes something, or opens a WebSocket, which is a GET that any page can send, followed by changes over the socket.
 */
export function isUnsafe(view: RequestView): boolean {
  return !isSafeMethod(view.method) || isWebSocketUpgrade(view);
}

/** What was checked as a request that reads is routed as one that changes something. */
export function hasBecomeUnsafe(view: RequestView): boolean {
  const { currentMethod } = view;
  return currentMethod !== undefined && !isSafeMethod(currentMethod) && !isUnsafe(view);
}

function isWebSocketUpgrade(view: RequestView): boolean {
  return view.header("upgrade")?.toLowerCase() === "websocket";
}

/**
 * A page load: the only kind of request that can follow a redirect to a login page, and to which scripts cannot add
 * headers.
 */
export function isPageNavigation(view: RequestView): boolean {
  return (view.method === "GET" || view.method === "HEAD") && isNavigation(view);
}

/** A page load or an HTML form's submission. If the browser sends no Fetch Metadata, the `Accept` header decides. */
export function isNavigation(view: RequestView): boolean {
  if (view.isRender) return true;
  const mode = view.header("sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  return view.header("accept")?.includes("text/html") ?? false;
}

/**
 * A response that must not carry a new token: the response to an upgrade cannot set a cookie, and a prefetched
 * response may never be used.
 */
export function mayLoseItsAnswer(view: RequestView): boolean {
  return isPrefetch(view) || isWebSocketUpgrade(view);
}

function isPrefetch(view: RequestView): boolean {
  return (
    view.header("sec-purpose")?.startsWith("prefetch") === true ||
    view.header("purpose") === "prefetch" ||
    view.header("next-router-prefetch") !== undefined ||
    view.header("next-router-segment-prefetch") !== undefined
  );
}

/** The path of a target, undecoded and without the query; also for the absolute form, which proxies may send. */
export function pathOfTarget(target: string): string {
  if (target.startsWith("/")) {
    const end = target.search(/[?#]/);
    return end === -1 ? target : target.slice(0, end);
  }
  return URL.parse(target)?.pathname ?? "/";
}
