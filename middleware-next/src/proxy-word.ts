import { type Finding, isPageNavigation, SessionActionError } from "@byo-session/core";
import type { WebSink } from "@byo-session/core/web";
import type { NextRequest } from "next/server.js";
import type { Behind } from "./build.ts";
import type { SessionParts } from "./parts.ts";
import { addressOfNextUrl, placeOf, routedPathOf } from "./paths.ts";
import { attachedTo, type Visit, viewOf } from "./visit.ts";
import type { Word } from "./word.ts";

type NextUrl = NextRequest["nextUrl"];

/** A request in the proxy. */
export interface ProxyVisit extends Visit {
  /** As Next has parsed it, before another proxy may change that. */
  readonly nextUrl: NextUrl;
  readonly sink: WebSink;
  /** To the server behind. */
  said?: Word | undefined;
}

/**
 * Asks for the session where what stands at the destination cannot do that as well: a page, which can set no cookie.
 * Undefined where nobody there asks for one.
 */
export async function wordFor(
  parts: SessionParts,
  visit: ProxyVisit,
  destination: string,
  isLazy: boolean,
): Promise<Word | undefined> {
  const { realm, handover } = parts;
  const { method, url, headers, nextUrl, sink } = visit;
  const there = destination === url ? nextUrl : Object.assign(nextUrl.clone(), { href: destination });
  const targets = [nextUrl, there].map((one) => placeOf(addressOfNextUrl(one).routedTarget));
  const isExpected = handover.expects({ realm, targets });
  const behind = behindOf(parts, method, there);
  if (behind === "fixed" && !isExpected) return undefined;

  const known = await attachedTo(visit).finding();
  if (isExpected || (behind === "page" && !isLazy)) await ask(visit, isExpected);
  const finding = keepingCookie(visit, isPageLoad(parts, visit), known, await attachedTo(visit).finding());
  return { realm, finding, method, targets, proof: headers.get("dpop"), setsCookie: sink.hasChange };
}

function behindOf({ build }: SessionParts, method: string, url: NextUrl): Behind {
  const path = routedPathOf(url);
  const isRead = method === "GET" || method === "HEAD";
  // Something like `/logo.png`: a file in `public` is in no list of the build.
  if (isRead && /\.(?!rsc$)\w+$/.test(path)) return "fixed";
  const behind = build?.(path, url.locale) ?? "page";
  // A page that is the same for everybody may have a server action.
  return behind === "fixed" && !isRead ? "page" : behind;
}

/** @throws SessionActionError for a request that may not pass. */
async function ask(visit: ProxyVisit, isNeeded: boolean): Promise<void> {
  try {
    await attachedTo(visit).byo.getSession();
  } catch (error) {
    // What needs a session says so itself; the rest is there while the sidecar is away.
    if (isNeeded || !(error instanceof SessionActionError) || error.reason !== "SidecarUnavailable") throw error;
  }
}

/**
 * Next's router asks ahead of any click. Without its cookie nobody could say at the click why the session is gone, so there
 * it is left to the handler to clear; unless another proxy has logged out.
 */
function keepingCookie(
  { sink }: ProxyVisit,
  isLoad: boolean,
  known: Finding | undefined,
  found: Finding | undefined,
): Finding | undefined {
  const isByLogout = known?.outcome.session === null && known.outcome.reason === "LoggedOut";
  if (isLoad || isByLogout || !sink.hasChange || found?.outcome.session !== null) return found;
  sink.discard();
  return { ...found, outcome: { ...found.outcome, keepsCookie: true } };
}

/** What the client says of it decides on the form of an answer, and when its cookie is cleared. */
export function isPageLoad({ options }: SessionParts, visit: Visit): boolean {
  return isPageNavigation(viewOf(visit, options));
}
