import type { RequestView } from "../request.ts";

/** A request whose headers are the Web's. The rest is the host's to say: `Request` knows no target and no client. */
export interface WebRequest extends Pick<RequestView, "method" | "target" | "routedTarget" | "basePath" | "isRender"> {
  readonly headers: Headers;
}

/** The request as core reads it; `clientIp` is asked for only where the address is needed. */
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
