import type { GateResponse } from "./gate-response.ts";
import { type MultiHeaderStore, setHeaders } from "./response-headers.ts";

/** Turns a redirect's address into the form that the host expects. */
type Locate = (location: string) => string;

/** Core's own response, as a `Response`. */
export function responseOf(answer: GateResponse, locate: Locate = (location) => location): Response {
  const headers = new Headers();
  setAnswerHeaders(headers, answer);
  const location = headers.get("location");
  if (location !== null) headers.set("location", locate(location));
  return new Response(answer.body === "" ? null : answer.body, { status: answer.status, headers });
}

/** Sets the headers of core's own response, over those that the host has set. */
export function setAnswerHeaders(headers: Headers, answer: GateResponse): void {
  setHeaders(storeOf(headers), answer);
}

/** The headers of a `Response` in the form that core writes. */
export function storeOf(headers: Headers): MultiHeaderStore {
  return {
    getHeaderNames: () => [...headers.keys()],
    getHeader: (name) => (name === "set-cookie" ? headers.getSetCookie() : (headers.get(name) ?? undefined)),
    setHeader: (name, value) => headers.set(name, value),
    appendHeader: (name, value) => headers.append(name, value),
    removeHeader: (name) => headers.delete(name),
  };
}
