import { chunksOf, type RequestBody } from "../request/request-body.ts";
import type { RequestView } from "../request/request-view.ts";

/** What a host adds to a `Request`. `target`: by default the one in its URL. */
export interface RequestContext
  extends Partial<Pick<RequestView, "target" | "routedTarget" | "basePath" | "isRender">> {
  clientIp(): string | undefined;
  /** The request with the body, if it is another one. */
  readonly original?: WithBody | undefined;
}

type WebRequest = Pick<Request, "method" | "url" | "headers"> & Partial<WithBody>;
type WithBody = Pick<Request, "body" | "bodyUsed">;

/** A `Request` as core reads it; `clientIp` is asked for only where the address is needed. */
export function viewOfRequest(request: WebRequest, context: RequestContext): RequestView {
  return new ViewOfRequest(request, context);
}

// A class, because with a getter in an object literal V8 creates a hidden class per request.
class ViewOfRequest implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly routedTarget: string | undefined;
  readonly basePath: string | undefined;
  readonly isRender: boolean | undefined;
  readonly #request: WebRequest;
  readonly #context: RequestContext;

  constructor(request: WebRequest, context: RequestContext) {
    this.method = request.method;
    this.target = context.target ?? targetOf(request.url);
    this.routedTarget = context.routedTarget;
    this.basePath = context.basePath;
    this.isRender = context.isRender;
    this.#request = request;
    this.#context = context;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers.get(name);
    // In HTTP/2 this header may be missing; hosts then build the URL from `:authority`.
    return value ?? (name === "host" ? hostOf(this.#request.url) : undefined);
  }

  body(): RequestBody {
    const { body, bodyUsed } = this.#context.original ?? this.#request;
    return bodyUsed === false ? { kind: "bytes", chunks: chunksOf(body) } : { kind: "gone" };
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
