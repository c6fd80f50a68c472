import type { RequestView } from "../request/request-view.ts";

/**
 * A request with web-standard headers. The host provides the rest, because `Request` has no target and no client
 * address.
 */
export interface WebRequest extends Pick<RequestView, "method" | "target" | "routedTarget" | "basePath" | "isRender"> {
  readonly headers: Headers;
}

/** The request as core reads it; `clientIp` is called only if the address is needed. */
export function webView(request: WebRequest, clientIp: () => string | undefined): RequestView {
  const { method, target, routedTarget, basePath, isRender, headers } = request;
  return {
    ...{ method, target, routedTarget, basePath, isRender },
    header: (name) => headers.get(name) ?? undefined,
    get clientIp() {
      return clientIp();
    },
  };
}

/** What a host adds to a `Request`. `target`: by default the one in its URL. */
export interface RequestContext extends Partial<Pick<RequestView, "target" | "routedTarget">> {
  clientIp(): string | undefined;
}

/** A `Request` as core reads it. */
export function viewOfRequest(request: Request, context: RequestContext): RequestView {
  return new ViewOfRequest(request, context);
}

// A class, because with a getter in an object literal V8 creates a hidden class per request.
class ViewOfRequest implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly routedTarget: string | undefined;
  readonly #request: Request;
  readonly #context: RequestContext;

  constructor(request: Request, context: RequestContext) {
    this.method = request.method;
    this.target = context.target ?? targetOf(request.url);
    this.routedTarget = context.routedTarget;
    this.#request = request;
    this.#context = context;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers.get(name);
    // In HTTP/2 this header may be missing; hosts then build the URL from `:authority`.
    return value ?? (name === "host" ? hostOf(this.#request.url) : undefined);
  }

  get isEncrypted(): boolean {
    return this.#request.url.startsWith("https:");
  }

  get clientIp(): string | undefined {
    return this.#context.clientIp();
  }
}

/** The path and query of an absolute URL, cut out without parsing. */
export function targetOf(url: string): string {
  const start = pathStart(url);
  const end = url.indexOf("#");
  return url.slice(start, end === -1 ? undefined : end) || "/";
}

function hostOf(url: string): string {
  return url.slice(url.indexOf("://") + 3, pathStart(url));
}

function pathStart(url: string): number {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start === -1 ? url.length : start;
}
