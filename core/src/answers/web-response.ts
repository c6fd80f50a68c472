import type { GateResponse } from "./gate-response.ts";
import { type MultiHeaderStore, setHeaders } from "./response-headers.ts";

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

/** The headers of a Web response as core writes them. */
export function storeOf(headers: Headers): MultiHeaderStore {
  return {
    getHeaderNames: () => [...headers.keys()],
    getHeader: (name) => (name === "set-cookie" ? headers.getSetCookie() : (headers.get(name) ?? undefined)),
    setHeader: (name, value) => headers.set(name, value),
    appendHeader: (name, value) => headers.append(name, value),
    removeHeader: (name) => headers.delete(name),
  };
}
