/** Sessions in `proxy.ts` of Next 16 and `middleware.ts` of Next 15 and 16, on Node and on the edge runtime. */
import { type Gate, SessionActionError, type SessionActions } from "@byo-session/core";
import { type NextFetchEvent, type NextMiddleware, type NextRequest, NextResponse } from "next/server.js";
import { comparableMethod, HANDOVER_HEADER, type HandoverSigner } from "./handover.ts";
import { type SessionOptions, toldOptions } from "./options.ts";
import { createPathMatcher } from "./protected-paths.ts";
import { destinationOf, withCookiesInRequest, withRequestHeader } from "./request-headers.ts";
import { attachedTo, createVisitGate, signerFor, type Visit } from "./visit.ts";
import { createWebSink, responseOf, type WebSink } from "./web-response.ts";

export { ConfigurationError, type Session, SessionActionError, type SessionActions } from "@byo-session/core";
export type { SessionOptions, SessionRequest } from "./options.ts";

/** What `proxy.ts` exports by default. */
export type SessionProxy = (request: NextRequest, event: NextFetchEvent) => Promise<Response>;

/** A proxy of the application or of another library; `byo` is what the request can do with sessions. */
export type InnerProxy = (
  request: NextRequest,
  event: NextFetchEvent,
  byo: SessionActions,
) => ReturnType<NextMiddleware>;

/**
 * Validates the session of each request that the `matcher` lets in, rotates its token when that is due, guards what
 * `protect` names, and tells the pages and routes behind it what it has found out.
 *
 * The options are looked at when the first request comes, since a build has no environment.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, then, for options that cannot be used; the message says how to mend them.
 * @example
 * export default byoSession({ protect: ["/account/:path*"], loginUrl: "/login" });
 */
export function byoSession(options: SessionOptions = {}): SessionProxy {
  return withByoSession(() => NextResponse.next(), options);
}

/**
 * As `byoSession`, around another proxy: that one runs for the requests that may pass, and its answer keeps its cookies
 * and what it says of the request's headers.
 *
 * @example
 * export default withByoSession(createMiddleware(routing), { protect: ["/:locale/account"] }); // of next-intl
 */
export function withByoSession(inner: InnerProxy, options: SessionOptions = {}): SessionProxy {
  let stage: ProxyStage | undefined;
  return async (request, event) => {
    stage ??= createStage(options);
    const visit = visitOf(request);
    const { sink } = visit;
    const refusal = await stage.refusalOf(visit);
    if (refusal) return sink.finish(refusal);
    const response = (await answerOf(inner, request, event, visit)) ?? NextResponse.next();
    return sink.finish(await stage.passOn(visit, request, response));
  };
}

interface ProxyVisit extends Visit {
  readonly sink: WebSink;
  /** The request came with a hand-over: whoever sent it has not got it from here. */
  readonly isForged: boolean;
}

function visitOf(request: NextRequest): ProxyVisit {
  const { pathname, search } = new URL(request.url);
  const isForged = request.headers.has(HANDOVER_HEADER);
  request.headers.delete(HANDOVER_HEADER);
  return {
    method: request.method,
    url: request.url,
    headers: request.headers,
    target: pathname + search,
    isRender: false,
    isForged,
    // After an action's redirect Next's server itself loads the next page, with the cookies of the response so far.
    sink: createWebSink(request.headers.has("next-action")),
  };
}

async function answerOf(inner: InnerProxy, request: NextRequest, event: NextFetchEvent, visit: Visit) {
  try {
    return await inner(request, event, attachedTo(visit).byo);
  } catch (error) {
    if (error instanceof SessionActionError) return responseOf(error.response);
    throw error;
  }
}

interface ProxyStage {
  /** The answer to a request that may not pass. */
  refusalOf(visit: Visit): Promise<Response | undefined>;
  /** The response with a word to the server behind it, where it leads there. */
  passOn(visit: ProxyVisit, request: NextRequest, response: Response): Promise<Response>;
}

function createStage(options: SessionOptions): ProxyStage {
  const gate: Gate<Visit> = createVisitGate(options);
  const signer: HandoverSigner | undefined = signerFor(gate, options);
  const isProtected = createPathMatcher(options.protect ?? []);
  const told = toldOptions(options);
  if (!options.clientIp) {
    console.warn(
      "byo-session: Next does not tell the client's address, so rules about addresses see none. To pass it: " +
        "byoSession({ clientIp }), for example from a header that your own reverse proxy sets",
    );
  }

  return {
    async refusalOf(visit) {
      const mayPass = await gate.handle(visit);
      const isGuarded = isProtected(new URL(visit.url).pathname);
      const answer = mayPass ? isGuarded && (await attachedTo(visit).guard({})) : visit.answer;
      if (!mayPass && !answer) throw new Error("core has refused a request without an answer");
      // Next takes no relative address from a proxy, and makes it relative again itself.
      return answer ? responseOf(answer, visit.url) : undefined;
    },

    async passOn(visit, request, response) {
      const destination = destinationOf(request, response);
      const word = await wordAbout(visit, destination);
      const isPassedOn = destination !== undefined;
      const passed = isPassedOn && visit.sink.hasChange ? withCookiesInRequest(request, response) : response;
      if (word === undefined && !visit.isForged) return passed;
      return withRequestHeader(request, passed, HANDOVER_HEADER, word);
    },
  };

  async function wordAbout(visit: ProxyVisit, path: string | undefined): Promise<string | undefined> {
    const finding = await attachedTo(visit).finding();
    if (!finding || !signer || path === undefined) return undefined;
    const { hasChange: setsCookie } = visit.sink;
    const handover = { outcome: finding.outcome, clientIp: options.clientIp?.(visit), setsCookie, options: told };
    const paths = [...new Set([new URL(visit.url).pathname, path])];
    return signer.seal(handover, { method: comparableMethod(visit.method), paths }, finding.tokens);
  }
}
