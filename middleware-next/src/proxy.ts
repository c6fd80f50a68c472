import {
  CDN_HEADERS,
  type Finding,
  type Gate,
  type GateResponse,
  isPageNavigation,
  SessionActionError,
  type SessionActions,
} from "@byo-session/core";
import { copyOf, createWebSink, responseOf, type WebSink } from "@byo-session/core/web";
import { type NextFetchEvent, type NextMiddleware, type NextRequest, NextResponse } from "next/server.js";
import { HANDOVER_HEADER } from "./handover.ts";
import type { SessionOptions } from "./options.ts";
import type { SessionParts } from "./parts.ts";
import { addressOfNextUrl, inLanguageOf, placeOf, routedPathOf } from "./paths.ts";
import { destinationOf, leadsOn, moveCookiesToRequest, setRequestHeader } from "./request-headers.ts";
import { attachedTo, type Visit, viewOf } from "./visit.ts";

/** What `proxy.ts` exports as `proxy`, and `middleware.ts` as `middleware`. */
export type SessionProxy = (request: NextRequest, event: NextFetchEvent) => Promise<Response>;

/** A proxy of the application or of another library; `byo` is what the request can do with sessions. */
export type InnerProxy = (
  request: NextRequest,
  event: NextFetchEvent,
  byo: SessionActions,
) => ReturnType<NextMiddleware>;

const NO_ADDRESS =
  "byo-session: Next does not tell the client's address, so rules about addresses see none. To pass it: " +
  "createSessions({ clientIp }), for example from a header that your own reverse proxy sets";

interface ProxyVisit extends Visit {
  /** As Next has parsed it, before another proxy may change that. */
  readonly nextUrl: NextRequest["nextUrl"];
  readonly sink: WebSink;
  /** What was found out before another proxy may have logged in or out. */
  cameWith?: Finding | undefined;
}

export function createProxy(parts: () => SessionParts, inner?: InnerProxy): SessionProxy {
  let hasWarned = false;
  return async (request, event) => {
    if (!hasWarned && !parts().options.clientIp) console.warn(NO_ADDRESS);
    hasWarned = true;
    // One that a client sends did not come from here.
    const isForged = request.headers.has(HANDOVER_HEADER);
    request.headers.delete(HANDOVER_HEADER);
    const visit = visitOf(request);
    if (!inner && isFile(parts(), visit)) return passOn(request, isForged);
    const refusal = (await refusalOf(parts(), visit)) ?? loadOf(parts(), visit);
    visit.cameWith = await attachedTo(visit).finding();
    const response = refusal ? answerTo(visit, refusal) : await answerOf(inner, request, event, visit);
    const word = refusal ? undefined : await sayTo(parts(), visit, request, response.headers);
    if (word !== undefined || (isForged && leadsOn(response.headers))) {
      setRequestHeader(request, response.headers, HANDOVER_HEADER, word);
    }
    visit.sink.finish(response.headers);
    if (visit.sink.hasChange) forbidCaches(response.headers);
    return response;
  };
}

/**
 * Whether it asks for something like `/logo.png`: a file, as far as a proxy can tell, that is everybody's. A handler behind
 * such an address asks the sidecar itself.
 */
function isFile({ isProtected }: SessionParts, { method, nextUrl }: ProxyVisit): boolean {
  const path = routedPathOf(nextUrl);
  return (method === "GET" || method === "HEAD") && /\.(?!rsc$)\w+$/.test(path) && !isProtected(path);
}

function passOn(request: NextRequest, isForged: boolean): Response {
  const response = NextResponse.next();
  if (isForged) setRequestHeader(request, response.headers, HANDOVER_HEADER, undefined);
  return response;
}

function visitOf(request: NextRequest): ProxyVisit {
  const { method, url, headers } = request;
  const nextUrl = request.nextUrl.clone();
  return {
    ...{ method, url, headers, nextUrl, ...addressOfNextUrl(nextUrl) },
    isRender: false,
    // After an action's redirect Next's server itself loads the next page, with the cookies of the response so far.
    sink: createWebSink(request.headers.has("next-action"), () => request.signal),
  };
}

/** The answer to a request that may not pass. */
async function refusalOf(
  { gate, options, isProtected }: SessionParts,
  visit: ProxyVisit,
): Promise<GateResponse | undefined> {
  const mayPass = await gate.handle(visit);
  if (!mayPass && !visit.answer) throw new Error("core has refused a request without an answer");
  const path = routedPathOf(visit.nextUrl);
  const isScreened = isProtected(path) && isPageLoad(visit, options);
  // Pages and handlers that need a session say so themselves; others are there while the sidecar is away.
  if (visit.answer?.reason === "SidecarUnavailable" && !isScreened && !isRoute(gate, path)) return undefined;
  if (!mayPass || !isScreened) return visit.answer;
  const attached = attachedTo(visit);
  // A session whose device showed a recent proof may be enough for the page: that is the page's to say.
  const found = await attached.finding();
  return found?.outcome.session ? undefined : attached.guard({});
}

/** Among the ready-made routes, which no handler stands behind. */
function isRoute({ settings }: Gate<Visit>, path: string): boolean {
  return settings.routesPrefix !== undefined && `${path}/`.startsWith(`${settings.routesPrefix}/`);
}

/**
 * The login is never shown by Next's router, only loaded. The router keeps pages that it has left, and with Cache
 * Components one that led to the login leads there again when it is shown after it, even after a login
 * (vercel/next.js#92767). An answer that is no page of the router's makes it load the address, which leaves nothing behind.
 */
const LOAD_IT: GateResponse = { status: 204, headers: [["Cache-Control", "no-store"]], body: "" };

/** The router says itself which page it comes from. Another client that says so gets an empty answer, and nothing else. */
function loadOf({ isLogin }: SessionParts, { method, headers, nextUrl, sink }: ProxyVisit): GateResponse | undefined {
  const from = headers.get("next-url");
  if (method !== "GET" || from === null || isLogin(from) || !isLogin(routedPathOf(nextUrl))) return undefined;
  // The load may change cookies, and a page before it must still be able to say why the session is gone.
  sink.discard();
  return LOAD_IT;
}

/** Next takes no relative address from a proxy, and makes it relative again itself. */
function answerTo({ url, nextUrl }: ProxyVisit, answer: GateResponse): Response {
  return responseOf(answer, (location) => new URL(inLanguageOf(location, nextUrl), url).href);
}

async function answerOf(inner: InnerProxy | undefined, request: NextRequest, event: NextFetchEvent, visit: ProxyVisit) {
  try {
    const response = await inner?.(request, event, attachedTo(visit).byo);
    return response ? copyOf(response) : NextResponse.next();
  } catch (error) {
    if (error instanceof SessionActionError) return answerTo(visit, error.response);
    throw error;
  }
}

/** What leads the server behind the proxy to its word, where the response leads there. */
async function sayTo({ handover, options }: SessionParts, visit: ProxyVisit, request: NextRequest, headers: Headers) {
  const destination = destinationOf(visit.url, headers);
  let finding = destination === undefined ? undefined : await attachedTo(visit).finding();
  if (destination === undefined || !finding) return undefined;
  const { sink, method, cameWith } = visit;
  const isCleared = cameWith?.outcome.session === null && sink.hasChange;
  if (isCleared && finding.outcome.session === null && !isPageLoad(visit, options)) {
    // Next's router asks ahead of any click. Without its cookie nobody could say at the click why the session is gone.
    sink.discard();
    finding = { ...finding, outcome: { ...finding.outcome, keepsCookie: true } };
  }
  const { hasChange: setsCookie } = sink;
  if (setsCookie) moveCookiesToRequest(request, headers);
  const targets = [placeOf(visit.routedTarget)];
  if (destination !== visit.url) {
    visit.nextUrl.href = destination;
    targets.push(placeOf(addressOfNextUrl(visit.nextUrl).routedTarget));
  }
  return handover.give({ finding, method, targets, proof: visit.headers.get("dpop"), setsCookie });
}

/** Keeps every cache from what the server behind answers: what a proxy has set, Next lets nobody set otherwise. */
function forbidCaches(headers: Headers): void {
  for (const [name, value] of CDN_HEADERS) headers.set(name, value);
}

/** What the client says of it decides on the form of an answer, and when its cookie is cleared. */
function isPageLoad(visit: Visit, options: SessionOptions): boolean {
  return isPageNavigation(viewOf(visit, options));
}
