import {
  addChange,
  CDN_HEADERS,
  createPendingChange,
  type GateResponse,
  type MultiHeaderStore,
  type ResponseSink,
  setHeaders,
} from "@byo-session/core";
import { withBasePath } from "./paths.ts";

/** Keeps what the browser is to be told until there is a Web `Response` to tell it. */
export interface WebSink extends ResponseSink {
  /** Something has been written. */
  readonly hasChange: boolean;
  /** Forgets what has been written. */
  discard(): void;
  /** Writes it into the headers of the response. Nothing more is taken then. */
  finish(headers: Headers): void;
}

export function createWebSink(keepsToken = false): WebSink {
  let pending = createPendingChange(() => performance.now());
  let isFinished = false;
  return {
    keepsToken,
    get canWrite() {
      return !isFinished;
    },
    get hasChange() {
      return pending.due() !== undefined;
    },
    write(change) {
      pending.set(change);
    },
    discard() {
      pending = createPendingChange(() => performance.now());
    },
    finish(headers) {
      isFinished = true;
      const change = pending.due();
      if (change) addChange(storeOf(headers), change);
    },
  };
}

/** A response that may be changed: the application's own may be one that it answers everybody with. */
export function copyOf(response: Response): Response {
  return new Response(response.body, response);
}

/** Keeps every cache from an answer of the server behind a proxy: what a proxy has set, Next lets nobody set otherwise. */
export function forbidCaches(headers: Headers): void {
  for (const name of CDN_HEADERS) headers.set(name, "no-store");
}

/** An answer of core's own, as a Web `Response`. With `base` the address of a redirect is absolute. */
export function responseOf(answer: GateResponse, base?: string): Response {
  const headers = new Headers();
  setHeaders(storeOf(headers), answer);
  const location = headers.get("location");
  if (location !== null) {
    const path = withBasePath(location);
    headers.set("location", base === undefined ? path : new URL(path, base).href);
  }
  return new Response(answer.body === "" ? null : answer.body, { status: answer.status, headers });
}

function storeOf(headers: Headers): MultiHeaderStore {
  return {
    getHeader: (name) => (name === "set-cookie" ? headers.getSetCookie() : (headers.get(name) ?? undefined)),
    setHeader: (name, value) => headers.set(name, value),
    appendHeader: (name, value) => headers.append(name, value),
    removeHeader: (name) => headers.delete(name),
  };
}
