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

/** By the instance that each was registered on. */
export const gates: Registry<FastifyInstance, Gate<FastifyRequest>> = createRegistry(
  "pass the instance that the one that is meant was registered on as `app`",
);

/** What the hooks keep of a request. */
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

/** Fastify keeps the names for this plugin. Before a request has passed it, there is nothing to read. */
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
 * Gives what no error handler of the app has taken the answer that guards give. Not as an error handler: an instance has
 * only one, which is the app's. Fastify's own gives the status and the headers of the error and a body in its own form.
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

/** In the instance's trusted view. */
export function ipOf({ ip }: FastifyRequest): string {
  return ip;
}

function replyTo(request: FastifyRequest & WithState): FastifyReply {
  const reply = request[STATE]?.reply;
  if (reply) return reply;
  throw new ConfigurationError("ERR_NOT_MOUNTED", "byoSession() has to be registered on a Fastify instance");
}

/** Through Fastify's own reply, so that the app's hooks see it and can add to it. */
export function answer(reply: FastifyReply, response: GateResponse): void {
  const headers = {
    getHeaderNames: () => Object.keys(reply.getHeaders()),
    getHeader: (name: string) => reply.getHeader(name),
    setHeader: (name: string, value: string) => reply.header(name, value),
    removeHeader: (name: string) => reply.removeHeader(name),
  };
  setHeaders(headers, response);
  reply.code(response.status).send(response.body === "" ? null : response.body);
}

/** The CORS headers of an answer, for pages of the origins in `trustedOrigins`: `reply.headers(corsHeaders(request))`. */
export function corsHeaders(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(attachment.of(request).corsHeaders());
}
