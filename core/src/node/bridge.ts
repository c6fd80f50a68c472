import type { IncomingMessage, ServerResponse } from "node:http";
import type { GateResponse } from "../outcome.ts";
import type { RequestView } from "../request.ts";
import type { CredentialChange, ResponseSink } from "../request-session.ts";
import { beforeHeaders } from "./write-head.ts";

/** A change that was decided longer ago than this may contradict what the browser has been told since. */
const LATE_AFTER_MS = 10_000;

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
  let pending: { change: CredentialChange; decidedAtMs: number } | undefined;
  let hooked = false;

  function flush(): void {
    if (!pending) return;
    const { change, decidedAtMs } = pending;
    if (change.dropWhenLate && nowMs() - decidedAtMs > LATE_AFTER_MS) return;
    addHeaders(res, change);
  }

  return {
    get canWrite() {
      return !res.headersSent;
    },
    write(change) {
      pending = { change, decidedAtMs: nowMs() };
      if (hooked) return;
      hooked = true;
      beforeHeaders(res, flush);
    },
  };
}

function addHeaders(res: ServerResponse, { setCookies, sessionToken }: CredentialChange): void {
  // Not twice, when an invalid header made `writeHead` throw and an error page follows.
  const present = [res.getHeader("set-cookie") ?? []].flat().map(String);
  for (const line of setCookies) if (!present.includes(line)) res.appendHeader("Set-Cookie", line);
  if (sessionToken !== undefined) res.setHeader("Session-Token", sessionToken);
  // A shared cache that keeps this answer would hand one user's session to the next (RFC 9111, section 7.3).
  res.setHeader("Cache-Control", "private, no-store");
  removeCdnHeaders(res);
  addVary(res, sessionToken === undefined ? "Cookie" : "Authorization");
}

/** These overrule Cache-Control in the caches that they are for (RFC 9213). */
function removeCdnHeaders(res: ServerResponse): void {
  res.removeHeader("CDN-Cache-Control");
  res.removeHeader("Surrogate-Control");
}

function addVary(res: ServerResponse, name: string): void {
  const present = [res.getHeader("vary") ?? []].flat().join(", ");
  const names = present.toLowerCase().split(/\s*,\s*/);
  if (names.includes("*") || names.includes(name.toLowerCase())) return;
  res.setHeader("Vary", present === "" ? name : `${present}, ${name}`);
}

/** Sends an answer of the middleware's own. */
export function deliver(res: ServerResponse, response: GateResponse): void {
  if (res.headersSent) return;
  res.statusCode = response.status;
  removeCdnHeaders(res);
  for (const [name, value] of response.headers) {
    if (name === "Vary") addVary(res, value);
    else res.setHeader(name, value);
  }
  res.end(response.body);
}
