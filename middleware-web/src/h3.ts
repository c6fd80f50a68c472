/** Sessions for h3 and Nitro: `app.use(byoSession())`, then `event.context.session` and `event.context.byo`. */
import {
  type AttachedRequest,
  type ByoSessionOptions,
  checkRequirements,
  type GateResponse,
  type Session,
  SessionActionError,
  type SessionActions,
  type SessionRequirements,
} from "@byo-session/core";
import { copyOf, responseOf, setAnswerHeaders } from "@byo-session/core/web";
import { H3Event, HTTPError, type Middleware, toResponse } from "h3";
import type { UpgradeAuthenticator } from "./upgrade-authenticator.ts";
import { attachedTo, nameTaken } from "./visit.ts";
import { createWebGate } from "./web-gate.ts";

declare module "h3" {
  interface H3EventContext {
    /** The session of this request, or null. */
    session: Session | null;
    /** What this request can do with sessions. */
    byo: SessionActions;
  }
}

/** What `byoSession()` returns: the middleware, which also handles WebSockets. */
export type SessionMiddleware = Middleware & UpgradeAuthenticator;

/**
 * Validates the session of each request and provides it as `event.context.session` and `event.context.byo`.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for invalid options; the message says how to fix them.
 */
export function byoSession(options: ByoSessionOptions<H3Event> = {}): SessionMiddleware {
  const gate = createWebGate<H3Event>(options, {
    routedTarget: ({ url }) => url.pathname + url.search,
    offer: (event, attached) => offerContext(event, attached, gate.settings.sessionProperty),
    deliver: answer,
  });
  const middleware: Middleware = (event, next) => gate.run(event.req, event, () => handle(event, next));
  const authenticateUpgrade: SessionMiddleware["authenticateUpgrade"] = (request, { incoming } = {}) => {
    const runtime = incoming && { name: "node", node: { req: incoming } };
    return gate.authenticateUpgrade(request, new H3Event(runtime ? Object.assign(request, { runtime }) : request));
  };
  return Object.assign(middleware, { authenticateUpgrade });
}

/**
 * Lets only requests with a session pass. Otherwise it answers 401, or redirects a page load to `loginUrl`; it answers
 * 403 for a missing tag.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for unknown requirements.
 * @example app.get("/me", (event) => event.context.session, { middleware: [requireSession()] })
 */
export function requireSession(requirements: SessionRequirements = {}): Middleware {
  const checked = checkRequirements(requirements);
  return async (event, next) => {
    const refused = await attachedTo(event).guard(checked);
    return refused ? answer(event, refused) : next();
  };
}

/** The CORS headers of a response to pages of the origins in `trustedOrigins`. */
export function corsHeaders(event: H3Event): Record<string, string> {
  return Object.fromEntries(attachedTo(event).corsHeaders());
}

/** The handler's result as the response that h3 itself makes of it, including errors and the app's own `onError`. */
async function handle(event: H3Event, next: Parameters<Middleware>[1]): Promise<Response> {
  const { onResponse: _later, onError, ...config } = event.app?.config ?? {};
  const given = (async () => next())().catch((error) => {
    if (!(error instanceof SessionActionError)) throw error;
    // As an h3 error it does not count as a fault of the app. Nitro, which answers every error itself, sends `data`.
    throw Object.assign(new HTTPError(error), { data: error.response.value });
  });
  return toResponse(given, event, {
    ...config,
    async onError(error, event) {
      const own = await onError?.(error, event);
      return own ?? (error.cause instanceof SessionActionError ? answer(event, error.cause.response) : undefined);
    },
  });
}

/** Overrides the headers that other middlewares have prepared for the response. */
async function answer(event: H3Event, answered: GateResponse): Promise<Response> {
  const response = copyOf(await toResponse(responseOf(answered), event));
  setAnswerHeaders(response.headers, answered);
  return response;
}

function offerContext({ context }: H3Event, attached: AttachedRequest, sessionProperty: string): void {
  const ours = { [sessionProperty]: () => attached.session, byo: () => attached.byo };
  for (const [name, get] of Object.entries(ours)) {
    const taken = nameTaken.bind(null, `event.context.${name}`);
    if (name in context) throw taken();
    const set = () => {
      throw taken();
    };
    Object.defineProperty(context, name, { get, set });
  }
}
