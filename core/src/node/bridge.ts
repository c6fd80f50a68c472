import type { IncomingMessage, ServerResponse } from "node:http";
import type { GateResponse } from "../answers/gate-response.ts";
import { addChange, setHeaders } from "../answers/response-headers.ts";
import type { CredentialChange, ResponseSink } from "../credentials/credential-response.ts";
import { createPendingChange, type PendingChange } from "../credentials/pending-change.ts";
import type { RequestBody } from "../request/request-body.ts";
import type { RequestView } from "../request/request-view.ts";
import { isUpgraded, watchForErrors, whenClosed } from "./upgrade.ts";
import { beforeHeaders } from "./write-head.ts";

/**
 * A view of a Node request; `native` is the framework's object for it. `target` is the received target, if the
 * framework keeps it, and `routedTarget` the rest after the path that the middleware is mounted on. `parsedBody` is
 * where body parsers of the framework leave what they have read.
 */
export function viewOf<N>(
  req: IncomingMessage,
  native: N,
  addressOf: (native: N) => string | undefined,
  target: string = req.url ?? "/",
  routedTarget: string = target,
  parsedBody: (native: N) => unknown = () => undefined,
): RequestView {
  // Hosts that route these like other requests pass the socket to the app later.
  if (req.headers.upgrade !== undefined) watchForErrors(req.socket);
  return new NodeView(req, native, addressOf, target, routedTarget, parsedBody);
}

/** The headers of a Node request as web-standard headers, including those that the host has set since. */
export function headersOf(req: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    // In HTTP/2 some begin with a colon, which is not allowed in web-standard headers.
    if (value !== undefined && !name.startsWith(":")) headers.set(name, [value].flat().join(", "));
  }
  return headers;
}

/** Writes what a response must tell the browser when its headers are sent, on Node's raw response. */
export function sinkOf(res: ServerResponse): ResponseSink {
  return new NodeSink(res);
}

// Classes, like everything that is created per request and has a getter: with a getter in an object literal, V8
// creates a hidden class per object, which keeps the request alive until the next full collection.

class NodeView<N> implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly routedTarget: string;
  readonly #req: IncomingMessage;
  /** Node's own property for them is a function, which is called for each of a dozen reads otherwise. */
  readonly #headers: IncomingMessage["headers"];
  readonly #native: N;
  readonly #addressOf: (native: N) => string | undefined;
  readonly #parsedBody: (native: N) => unknown;

  constructor(
    req: IncomingMessage,
    native: N,
    addressOf: (native: N) => string | undefined,
    target: string,
    routedTarget: string,
    parsedBody: (native: N) => unknown,
  ) {
    this.method = req.method ?? "GET";
    this.target = target;
    this.routedTarget = routedTarget;
    this.#req = req;
    this.#headers = req.headers;
    this.#native = native;
    this.#addressOf = addressOf;
    this.#parsedBody = parsedBody;
  }

  body(): RequestBody {
    if (!this.#req.readableDidRead) {
      // To stop early must not end the connection, which the answer still needs.
      return { kind: "bytes", chunks: this.#req.iterator({ destroyOnReturn: false }) };
    }
    const value = this.#parsedBody(this.#native);
    return typeof value === "object" && value !== null ? { kind: "parsed", value } : { kind: "gone" };
  }

  header(name: string): string | undefined {
    const headers = this.#headers;
    // In HTTP/2 it replaces Host and takes precedence over it (RFC 9113, section 8.3.1); HTTP/1 has no such name.
    const value = name === "host" ? (headers[":authority"] ?? headers.host) : headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get isEncrypted(): boolean {
    return "encrypted" in this.#req.socket && this.#req.socket.encrypted === true;
  }

  get currentMethod(): string | undefined {
    return this.#req.method;
  }

  /** Read only if there is a token to validate, because frameworks compute it. */
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

  whenAnswered(callback: () => void): void {
    if (this.#res.headersSent) callback();
    else beforeHeaders(this.#res, callback);
  }

  whenClosed(callback: () => void): void {
    const { req } = this.#res;
    // An upgraded request lives as long as its connection; its response may be over earlier.
    if (req && isUpgraded(req)) whenClosed(req.socket, callback);
    else if (isGone(this.#res)) callback();
    else this.#res.once("close", callback);
  }

  #hook(): PendingChange {
    const pending = createPendingChange();
    beforeHeaders(this.#res, () => {
      const due = pending.due();
      if (due) addChange(this.#res, due);
    });
    return pending;
  }
}

/** Whether the client has disconnected. An HTTP/2 response is not a stream itself, but has one. */
function isGone(res: ServerResponse): boolean {
  return res.destroyed || ("stream" in res && Object(res.stream).destroyed === true);
}

/** Sends the middleware's own response. */
export function deliver(res: ServerResponse, response: GateResponse): void {
  // Too late for its own response. End it anyway, because nothing else would.
  if (res.headersSent) return void res.end();
  res.statusCode = response.status;
  setHeaders(res, response);
  res.end(response.body);
}
