import type { ResponseSink } from "../credential-response.ts";
import type { GateResponse } from "../outcome.ts";
import { createPendingChange } from "../pending-change.ts";
import { addChange, type MultiHeaderStore, setHeaders } from "../response-headers.ts";

/** Keeps what the browser is to be told until there is a `Response` to tell it. */
export interface WebSink extends ResponseSink {
  /** Something has been written. */
  readonly hasChange: boolean;
  /** Forgets what has been written. */
  discard(): void;
  /** Writes it into the headers of the response; without any it is lost. Nothing more is taken then. */
  finish(headers?: Headers): void;
}

/** `signal`: of the request, where the host aborts it when the client goes. */
export function createWebSink(keepsToken = false, signal?: () => AbortSignal): WebSink {
  let pending = createPendingChange(() => performance.now());
  let isFinished = false;
  const losses: (() => void)[] = [];

  function lose(): void {
    if (isFinished) return;
    isFinished = true;
    for (const callback of losses) callback();
  }

  return {
    keepsToken,
    get canWrite() {
      return !isFinished && signal?.().aborted !== true;
    },
    whenLost(callback) {
      losses.push(callback);
      signal?.().addEventListener("abort", lose, { once: true });
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
      if (!headers) return lose();
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

/** Makes of the address of a redirect what the host wants there. */
type Locate = (location: string) => string;

/** An answer of core's own, as a `Response`. */
export function responseOf(answer: GateResponse, locate: Locate = (location) => location): Response {
  const headers = new Headers();
  setAnswerHeaders(headers, answer);
  const location = headers.get("location");
  if (location !== null) headers.set("location", locate(location));
  return new Response(answer.body === "" ? null : answer.body, { status: answer.status, headers });
}

/** Sets the headers of an answer of core's own over what else the host has set for the response. */
export function setAnswerHeaders(headers: Headers, answer: GateResponse): void {
  setHeaders(storeOf(headers), answer);
}

function storeOf(headers: Headers): MultiHeaderStore {
  return {
    getHeaderNames: () => [...headers.keys()],
    getHeader: (name) => (name === "set-cookie" ? headers.getSetCookie() : (headers.get(name) ?? undefined)),
    setHeader: (name, value) => headers.set(name, value),
    appendHeader: (name, value) => headers.append(name, value),
    removeHeader: (name) => headers.delete(name),
  };
}
