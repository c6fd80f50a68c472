import {
  type ByoSessionOptions,
  ConfigurationError,
  createGate,
  type Gate,
  type GateResponse,
  SessionActionError,
} from "@byo-session/core";
import { createRegistry, type Registry, setHeaders, sinkOf, viewOf } from "@byo-session/core/node";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { attachment } from "./attached.ts";
import { checkTrustProxy } from "./client-address.ts";
import { belowPrefix, serveRoutes } from "./scope.ts";

export type Options = ByoSessionOptions<FastifyRequest>;

/** Keyed by the instance that each was registered on. */
export const gates: Registry<FastifyInstance, Gate<FastifyRequest>> = createRegistry(
  "pass the instance on which the right byoSession was registered as `app`",
);

/** What the hooks remember about a request. */
const STATE = Symbol("byo-session");

interface State {
  readonly reply: FastifyReply;
  failed?: SessionActionError;
}

interface WithState {
  [STATE]?: State | null;
}

export function createPlugin(ownsSession: boolean): FastifyPluginAsync<Options> {
  const plugin: FastifyPluginAsync<Options> = async (app, options) => {
    if (app === undefined) throw notRegistered();
    const { clientIp } = options;
    if (!clientIp) checkTrustProxy(app);
    const addressOf = clientIp ?? ipOf;
    const gate = createGate<FastifyRequest>(options, {
      read: (request) =>
        viewOf(request.raw, request, addressOf, request.originalUrl, belowPrefix(app.prefix, request.url)),
      sink: (request) => sinkOf(replyTo(request).raw),
      attach: (request, attached) => attachment.attach(request, attached, ownSession),
      deliver: (request, response) => answer(replyTo(request), response),
    });
    const ownSession = ownsSession ? gate.settings.sessionProperty : undefined;
    await gate.ready();
    decorate(app, ownSession);
    app.addHook("onRequest", async (request: FastifyRequest & WithState, reply) => {
      request[STATE] = { reply };
      if (!(await gate.handle(request))) return reply;
    });
    answerActionErrors(app);
    serveRoutes(app, gate.settings.routesPrefix);
    gates.add(app, gate);
    app.addHook("onClose", (_app, closed) => {
      gates.remove(app);
      closed();
    });
  };
  return fastifyPlugin(plugin, { fastify: "5.x", name: "@byo-session/fastify" });
}

/** Called by the application, from JavaScript: `app.register(byoSession())`. */
function notRegistered(): ConfigurationError {
  return new ConfigurationError(
    "ERR_NOT_MOUNTED",
    "byoSession was called without an app: pass it to Fastify without parentheses, as in app.register(byoSession, { … })",
  );
}

/** Reserves the names in Fastify for this plugin. Until a request has passed the plugin, they are undefined. */
function decorate(app: FastifyInstance, sessionProperty: string | undefined): void {
  if (app.hasRequestDecorator("byo")) throw attachment.mountedTwice();
  app.decorateRequest(STATE, null);
  claim(app, "byo");
  if (sessionProperty === undefined) return;
  if (app.hasRequestDecorator(sessionProperty)) throw attachment.propertyTaken(sessionProperty);
  claim(app, sessionProperty);
}

function claim(app: FastifyInstance, property: string): void {
  app.decorateRequest(property, {
    getter: () => undefined,
    setter() {
      throw attachment.propertyTaken(property);
    },
  });
}

/**
 * Gives unhandled action errors the same response as guards. This is not an error handler, because an instance has
 * only one, which belongs to the app. Fastify's own handler sends the error's status and headers, but a body in its
 * own form.
 */
function answerActionErrors(app: FastifyInstance): void {
  app.addHook("onError", (request: FastifyRequest & WithState, _reply, error, done) => {
    const state = request[STATE];
    if (state && error instanceof SessionActionError) state.failed = error;
    done();
  });
  app.addHook("onSend", (request: FastifyRequest & WithState, reply, payload, done) => {
    const failed = request[STATE]?.failed;
    done(null, failed && isAnsweredByFastify(reply, failed.response) ? failed.body : payload);
  });
}

function isAnsweredByFastify(reply: FastifyReply, { status, headers }: GateResponse): boolean {
  return reply.statusCode === status && headers.every(([name, value]) => reply.getHeader(name) === value);
}

/** The client's address as the instance trusts it. */
export function ipOf({ ip }: FastifyRequest): string {
  return ip;
}

function replyTo(request: FastifyRequest & WithState): FastifyReply {
  const reply = request[STATE]?.reply;
  if (reply) return reply;
  throw new ConfigurationError(
    "ERR_NOT_MOUNTED",
    "byoSession: expected a Fastify instance; register it with app.register(byoSession)",
  );
}

/** Through Fastify's own reply, so that the app's hooks can see it and add to it. */
export function answer(reply: FastifyReply, response: GateResponse): void {
  const headers = {
    getHeaderNames: () => Object.keys(reply.getHeaders()),
    getHeader: (name: string) => reply.getHeader(name),
    setHeader: (name: string, value: string) => reply.header(name, value),
    removeHeader: (name: string) => reply.removeHeader(name),
  };
  setHeaders(headers, response);
  reply.code(response.status).send(response.body === "" ? undefined : response.body);
}

/**
 * The CORS headers of a response to pages of the origins in `trustedOrigins`: `reply.headers(corsHeaders(request))`.
 */
export function corsHeaders(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(attachment.of(request).corsHeaders());
}
