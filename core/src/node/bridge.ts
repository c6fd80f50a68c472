import type { IncomingMessage, ServerResponse } from "node:http";
import type { GateResponse } from "../outcome.ts";
import { createPendingChange } from "../pending-change.ts";
import type { RequestView } from "../request.ts";
import type { ResponseSink } from "../request-session.ts";
import { addChange, setHeaders } from "../response-headers.ts";
import { beforeHeaders } from "./write-head.ts";

/** A view of a Node request. Frameworks that rewrite `url` keep the target that was received elsewhere. */
export function viewOf(
  req: IncomingMessage,
  target: string,
  clientIp: (() => string | undefined) | undefined,
): RequestView {
  return {
    method: req.method ?? "GET",
    target,
    header(name) {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    // Asked for only when there is a token to validate: frameworks compute it.
    get clientIp() {
      return clientIp?.();
    },
  };
}

/** Writes what a response has to tell the browser when its headers go out, on the raw response of Node. */
export function sinkOf(res: ServerResponse, nowMs: () => number = () => performance.now()): ResponseSink {
  const pending = createPendingChange(nowMs);
  let hooked = false;

  return {
    get canWrite() {
      return !res.headersSent;
    },
    write(change) {
      pending.set(change);
      if (hooked) return;
      hooked = true;
      beforeHeaders(res, () => {
        const due = pending.due();
        if (due) addChange(res, due);
      });
    },
  };
}

/** Sends an answer of the middleware's own. */
export function deliver(res: ServerResponse, response: GateResponse): void {
  if (res.headersSent) return;
  res.statusCode = response.status;
  setHeaders(res, response);
  res.end(response.body);
}
