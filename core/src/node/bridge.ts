import type { IncomingMessage, ServerResponse } from "node:http";
import type { GateResponse } from "../answers/gate-response.ts";
import { addChange, setHeaders } from "../answers/response-headers.ts";
import type { CredentialChange, ResponseSink } from "../credentials/credential-response.ts";
import { createPendingChange, type PendingChange } from "../credentials/pending-change.ts";
import type { RequestView } from "../request/request-view.ts";
import { watchForErrors } from "./upgrade.ts";
import { beforeHeaders } from "./write-head.ts";

/**
 * A view of a Node request, which `native` is the framework's form of. `target` is what was received, where the framework
 * keeps it, and `routedTarget` what is left of it behind the path that the middleware is mounted below.
 */
export function viewOf<N>(
  req: IncomingMessage,
  native: N,
  addressOf: (native: N) => string | undefined,
  target: string = req.url ?? "/",
  routedTarget: string = target,
): RequestView {
  // Hosts that route these like other requests hand the socket to the app later.
  if (req.headers.upgrade !== undefined) watchForErrors(req.socket);
  return new NodeView(req, native, addressOf, target, routedTarget);
}

/** Writes what a response has to tell the browser when its headers go out, on the raw response of Node. */
export function sinkOf(res: ServerResponse): ResponseSink {
  return new NodeSink(res);
}

// Classes, as everything that is made for each request and has a getter: with a getter in an object literal V8 makes a
// hidden class for each object, and keeps it until the next full collection with the request that the getter holds.

class NodeView<N> implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly routedTarget: string;
  readonly #req: IncomingMessage;
  readonly #native: N;
  readonly #addressOf: (native: N) => string | undefined;

  constructor(
    req: IncomingMessage,
    native: N,
    addressOf: (native: N) => string | undefined,
    target: string,
    routedTarget: string,
  ) {
    this.method = req.method ?? "GET";
    this.target = target;
    this.routedTarget = routedTarget;
    this.#req = req;
    this.#native = native;
    this.#addressOf = addressOf;
  }

  header(name: string): string | undefined {
    const { headers } = this.#req;
    // In HTTP/2 it stands for the Host, and goes before one (RFC 9113, section 8.3.1); HTTP/1 has no such name.
    const value = name === "host" ? (headers[":authority"] ?? headers.host) : headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get isEncrypted(): boolean {
    return "encrypted" in this.#req.socket && this.#req.socket.encrypted === true;
  }

  /** Asked for only when there is a token to validate: frameworks compute it. */
  get clientIp(): string | undefined {
    return this.#addressOf(this.#native);
  }
}

class NodeSink implements ResponseSink {
  readonly #res: ServerResponse;
  #pending: PendingChange | undefined;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  get canWrite(): boolean {
    return !this.#res.headersSent && !isGone(this.#res);
  }

  write(change: CredentialChange): void {
    this.#pending ??= this.#hook();
    this.#pending.set(change);
  }

  whenLost(callback: () => void): void {
    this.#res.once("close", () => {
      if (!this.#res.headersSent) callback();
    });
  }

  #hook(): PendingChange {
    const pending = createPendingChange(() => performance.now());
    beforeHeaders(this.#res, () => {
      const due = pending.due();
      if (due) addChange(this.#res, due);
    });
    return pending;
  }
}

/** Whether the client has left. A response of HTTP/2 is not a stream itself, but has one. */
function isGone(res: ServerResponse): boolean {
  return res.destroyed || ("stream" in res && Object(res.stream).destroyed === true);
}

/** Sends an answer of the middleware's own. */
export function deliver(res: ServerResponse, response: GateResponse): void {
  // Too late for an answer of its own. Ended all the same: nobody else would.
  if (res.headersSent) return void res.end();
  res.statusCode = response.status;
  setHeaders(res, response);
  res.end(response.body);
}
