import {
  addChange,
  type CredentialChange,
  createPendingChange,
  type GateResponse,
  type MultiHeaderStore,
  type ResponseSink,
  setHeaders,
} from "@byo-session/core";

/** Keeps what the browser is to be told until there is a Web `Response` to tell it. */
export interface WebSink extends ResponseSink {
  /** Something has been written. */
  readonly hasChange: boolean;
  /** The response with what has been written so far. Nothing can be written any more. */
  finish(response: Response): Response;
}

export function createWebSink(keepsToken = false): WebSink {
  return new PendingResponse(keepsToken);
}

class PendingResponse implements WebSink {
  readonly keepsToken: boolean;
  readonly #pending = createPendingChange(() => performance.now());
  #isFinished = false;

  constructor(keepsToken: boolean) {
    this.keepsToken = keepsToken;
  }

  get canWrite(): boolean {
    return !this.#isFinished;
  }

  get hasChange(): boolean {
    return this.#pending.due() !== undefined;
  }

  write(change: CredentialChange): void {
    this.#pending.set(change);
  }

  finish(response: Response): Response {
    this.#isFinished = true;
    const change = this.#pending.due();
    if (!change) return response;
    // A copy: the headers of redirects and of fetched answers cannot be changed.
    const copy = new Response(response.body, response);
    addChange(storeOf(copy.headers), change);
    return copy;
  }
}

/** An answer of core's own, as a Web `Response`. `base` makes the address of a redirect absolute. */
export function responseOf(answer: GateResponse, base?: string): Response {
  const headers = new Headers();
  setHeaders(storeOf(headers), answer);
  const location = headers.get("location");
  if (location !== null && base !== undefined) headers.set("location", new URL(location, base).href);
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
