import type { Finding, PresentedToken, Recollection } from "@byo-session/core";

/** What the proxy says of one request. */
export interface Word {
  /** Undefined: the proxy has not asked, or got no answer. */
  readonly finding: Finding | undefined;
  /** Of the sessions that it speaks of: an application may have several kinds, each with a cookie of its own. */
  readonly realm: string;
  readonly method: string;
  /** What was asked for, and what the request is rewritten to; by `placeOf()`. */
  readonly targets: readonly string[];
  /** The device's proof that has been spent for it. */
  readonly proof: string | null;
  /** The proxy's response sets or clears the cookie: no cache may keep what the server makes of it. */
  readonly setsCookie: boolean;
}

/** The request that a word is looked up for, as far as Next describes it. */
export interface Place {
  readonly realm: string;
  readonly method: string | undefined;
  /** Only the path, without a question mark, of a page that is rendered ahead: Next tells it no more. */
  readonly target: string | undefined;
  readonly proof: string | null;
}

/** A word that has arrived where it belongs. */
export interface KnownWord extends Pick<Word, "method" | "setsCookie"> {
  /** What has been found out, if the request presents just these tokens. */
  recall(tokens: readonly PresentedToken[]): Promise<Recollection | undefined>;
  /** Tells the proxy that what is here asks for its session; where it has not, and the two share a process. */
  readonly expect?: (() => void) | undefined;
}

/** Whether it leads there. The proof and the tokens are for each way of handing over to compare. */
export function leadsTo({ realm, method, targets }: Pick<Word, "realm" | "method" | "targets">, place: Place): boolean {
  if (realm !== place.realm) return false;
  if (place.method !== undefined && servedAs(place.method) !== servedAs(method)) return false;
  const { target } = place;
  return target !== undefined && targets.some((one) => one === target || one.startsWith(`${target}?`));
}

/** Next serves a HEAD by what serves the GET, and tells no page which of them it is. */
function servedAs(method: string): string {
  return method === "HEAD" ? "GET" : method;
}
