/** What the middleware reads of a request. Flat, and no parsed URL: most requests need none, and hostile targets break it. */
export interface RequestView {
  readonly method: string;
  /** The request target as received, query and all. */
  readonly target: string;
  /**
   * The same as the host's own routes know it, where that is another: without the path that the middleware is mounted
   * below. Ready-made routes go by it. Default: `target`.
   */
  readonly routedTarget?: string | undefined;
  /**
   * What the host itself puts in front of the addresses that the application writes, which are `routedTarget`s then.
   * Undefined: it leaves them alone, and the application writes them as browsers see them.
   */
  readonly basePath?: string | undefined;
  /**
   * The host renders a page for it: known to the server, never told by the client. A page load can carry no proof of a
   * device, so there a recent one will do by default.
   */
  readonly isRender?: boolean | undefined;
  /**
   * The value of a header by its lower-case name; several of one name are joined as HTTP says. Under HTTP/2 `host` is the
   * pseudo-header `:authority`.
   */
  header(name: string): string | undefined;
  /** The client's address in the host's trusted view, however that writes it. */
  readonly clientIp?: string | undefined;
  /** The connection that the request came by has TLS. False says nothing of the client: a proxy may end it. */
  readonly isEncrypted?: boolean;
}

function isSafeMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** Changes something, or opens a WebSocket: that is a GET which any page can send, and over which changes come then. */
export function isUnsafe(view: RequestView): boolean {
  return !isSafeMethod(view.method) || isWebSocketUpgrade(view);
}

function isWebSocketUpgrade(view: RequestView): boolean {
  return view.header("upgrade")?.toLowerCase() === "websocket";
}

/** A page load: the one kind of request that can follow a redirect to a login page, and that no script can add headers to. */
export function isPageNavigation(view: RequestView): boolean {
  return (view.method === "GET" || view.method === "HEAD") && isNavigation(view);
}

/** A page load or an HTML form's submission. Where the browser sends no Fetch Metadata, what it accepts has to tell. */
export function isNavigation(view: RequestView): boolean {
  if (view.isRender) return true;
  const mode = view.header("sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  return view.header("accept")?.includes("text/html") ?? false;
}

/**
 * An answer that must not carry a new token: that of an upgrade is no place for a cookie, and that of a request ahead of
 * any wish of the user may never be used.
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

/** The path of a target, undecoded and without the query; of the absolute form too, in which proxies may send it. */
export function pathOfTarget(target: string): string {
  if (target.startsWith("/")) {
    const end = target.search(/[?#]/);
    return end === -1 ? target : target.slice(0, end);
  }
  return URL.parse(target)?.pathname ?? "/";
}
