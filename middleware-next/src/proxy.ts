import { CDN_HEADERS, type GateResponse, SessionActionError, type SessionActions } from "@byo-session/core";
import { copyOf, createWebSink, responseOf } from "@byo-session/core/web";
import { type NextFetchEvent, type NextMiddleware, type NextRequest, NextResponse } from "next/server.js";
import { HANDOVER_HEADER } from "./handover.ts";
import type { SessionParts } from "./parts.ts";
import { addressOfNextUrl, inLanguageOf, routedPathOf } from "./paths.ts";
import { isPageLoad, type ProxyVisit, wordFor } from "./proxy-word.ts";
import { destinationOf, leadsOn, moveCookiesToRequest, setRequestHeader } from "./request-headers.ts";
import { attachedTo } from "./visit.ts";

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

/** `parts` have a lazy gate, which validates only on request; `isLazy` is the application's own option. */
export function createProxy(parts: () => SessionParts, isLazy: boolean, inner?: InnerProxy): SessionProxy {
  let hasWarned = false;
  return async (request, event) => {
    if (!hasWarned && !parts().options.clientIp) console.warn(NO_ADDRESS);
    hasWarned = true;
    // A client may have forged it.
    const isForged = request.headers.has(HANDOVER_HEADER);
    request.headers.delete(HANDOVER_HEADER);
    const visit = visitOf(request);
    const response = await handle(parts(), visit, isLazy, (byo) => inner?.(request, event, byo));
    const { headers } = response;
    const name = visit.said && (await parts().handover.give(visit.said));
    if (visit.sink.hasChange && leadsOn(headers)) moveCookiesToRequest(request, headers);
    if (name !== undefined || (isForged && leadsOn(headers))) setRequestHeader(request, headers, HANDOVER_HEADER, name);
    visit.sink.finish(headers);
    if (visit.sink.hasChange) forbidCaches(headers);
    return response;
  };
}

function visitOf(request: NextRequest): ProxyVisit {
  const { method, url, headers } = request;
  const nextUrl = request.nextUrl.clone();
  // After an action's redirect Next's server itself loads the next page, with the cookies of the response so far.
  const sink = createWebSink(request.headers.has("next-action"), () => request.signal);
  return {
    ...{ method, url, headers, nextUrl, original: request, ...addressOfNextUrl(nextUrl) },
    isRender: false,
    // The server behind counts the request, because only there a guard can say that it is no activity.
    sink: Object.assign(sink, { whenAnswered() {} }),
  };
}

async function handle(
  parts: SessionParts,
  visit: ProxyVisit,
  isLazy: boolean,
  inner: (byo: SessionActions) => ReturnType<InnerProxy>,
): Promise<Response> {
  try {
    const refusal = (await refusalOf(parts, visit)) ?? loadOf(parts, visit);
    if (refusal) return answerTo(visit, refusal);
    const given = await inner(attachedTo(visit).byo);
    const response = given ? copyOf(given) : NextResponse.next();
    const destination = destinationOf(visit.url, response.headers);
    if (destination !== undefined) visit.said = await wordFor(parts, visit, destination, isLazy);
    return response;
  } catch (error) {
    if (error instanceof SessionActionError) return answerTo(visit, error.response);
    throw error;
  }
}

/** The answer to a request that may not pass. */
async function refusalOf(parts: SessionParts, visit: ProxyVisit): Promise<GateResponse | undefined> {
  const answer = await parts.gate.decide(visit);
  const isScreened = parts.isProtected(routedPathOf(visit.nextUrl)) && isPageLoad(parts, visit);
  if (answer || !isScreened) return answer;
  const attached = attachedTo(visit);
  await attached.byo.getSession();
  // A session whose device showed a recent proof may be enough for the page: that is the page's to say.
  const found = await attached.finding();
  return found?.outcome.session ? undefined : attached.guard({});
}

/**
 * The login is never shown by Next's router, only loaded. The router keeps pages that it has left, and with Cache
 * Components one that led to the login leads there again when it is shown after it, even after a login
 * (vercel/next.js#92767). An answer that is no page of the router's makes it load the address, which leaves nothing behind.
 */
const LOAD_IT: GateResponse = {
  status: 200,
  headers: [
    ["Cache-Control", "no-store"],
    ["Content-Type", "text/html"],
  ],
  body: "",
};

/** The router says itself which page it comes from. Another client that says so gets an empty answer, and nothing else. */
function loadOf({ isLogin }: SessionParts, { method, headers, nextUrl }: ProxyVisit): GateResponse | undefined {
  const from = headers.get("next-url");
  const isByRouter = method === "GET" && from !== null && !isLogin(from);
  return isByRouter && isLogin(routedPathOf(nextUrl)) ? LOAD_IT : undefined;
}

/** Next takes no relative address from a proxy, and makes it relative again itself. */
function answerTo({ url, nextUrl }: ProxyVisit, answer: GateResponse): Response {
  return responseOf(answer, (location) => new URL(inLanguageOf(location, nextUrl), url).href);
}

/** Keeps every cache from what the server behind answers: what a proxy has set, Next lets nobody set otherwise. */
function forbidCaches(headers: Headers): void {
  for (const [name, value] of CDN_HEADERS) headers.set(name, value);
}
