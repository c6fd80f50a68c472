import type { OutgoingHttpHeader, ServerResponse } from "node:http";

type HeadersArgument = Record<string, OutgoingHttpHeader | undefined> | OutgoingHttpHeader[] | undefined;

/**
 * Calls back when the headers are about to be sent, in whatever way: `end`, `write`, `flushHeaders` and pipes all go
 * through `writeHead`. The application's own arguments to `writeHead` have been set by then, so they cannot override
 * what the callback sets.
 */
export function beforeHeaders(res: ServerResponse, callback: () => void): void {
  const writeHead = res.writeHead;
  let hasFailed = false;

  function writeHeadLater(statusCode: number, ...rest: unknown[]): ServerResponse {
    const message = typeof rest[0] === "string" ? rest[0] : undefined;
    const headers = (message === undefined ? (rest[1] ?? rest[0]) : rest[1]) as HeadersArgument;
    if (!res.headersSent) {
      if (headers) setAll(res, headers);
      // A callback that has thrown is not called again: the response that reports its error must be sent.
      if (!hasFailed) {
        hasFailed = true;
        callback();
        hasFailed = false;
      }
    }
    if (message !== undefined) res.statusMessage = message;
    return hasLastWord(res, callback, () => writeHead.call(res, statusCode));
  }

  res.writeHead = writeHeadLater;
}

/**
 * An earlier middleware may have its own `writeHead` below this one, as `on-headers` does, and set headers there: our
 * headers are set again after each of them.
 */
function hasLastWord<T>(res: ServerResponse, callback: () => void, send: () => T): T {
  const { setHeader, appendHeader } = res;
  let isOurs = false;
  function afterwards<A extends unknown[]>(set: (...args: A) => ServerResponse) {
    return (...args: A) => {
      set.apply(res, args);
      if (!isOurs && !res.headersSent) {
        isOurs = true;
        callback();
        isOurs = false;
      }
      return res;
    };
  }
  res.setHeader = afterwards(setHeader);
  res.appendHeader = afterwards(appendHeader);
  try {
    return send();
  } finally {
    Object.assign(res, { setHeader, appendHeader });
  }
}

/**
 * In the forms that `writeHead` accepts: a name given here replaces an earlier value, and an array may repeat names.
 */
function setAll(res: ServerResponse, headers: NonNullable<HeadersArgument>): void {
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value);
    return;
  }
  const pairs = inPairs(headers);
  for (const [name] of pairs) res.removeHeader(name);
  for (const [name, value] of pairs) res.appendHeader(name, value);
}

/** Both forms of an array: `[name, value, …]` and `[[name, value], …]`. */
function inPairs(headers: OutgoingHttpHeader[]): [name: string, value: string | string[]][] {
  const flat = Array.isArray(headers[0]) ? headers.flat() : headers;
  const pairs: [string, string | string[]][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const value = flat[i + 1] ?? "";
    pairs.push([String(flat[i]), Array.isArray(value) ? value : String(value)]);
  }
  return pairs;
}
