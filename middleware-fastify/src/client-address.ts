import type { IncomingMessage } from "node:http";
import { ConfigurationError } from "@byo-session/core";
import { believesForgedAddress } from "@byo-session/core/node";
import type { FastifyInstance, FastifyRequest } from "fastify";

type RequestClass = new (id: string, params: object, raw: IncomingMessage, query: object) => FastifyRequest;

/**
 * The class whose requests know which proxies this instance trusts. Fastify has no public access to it, nor any other
 * way to read `trustProxy` before the first request.
 */
function requestClassOf(app: FastifyInstance): RequestClass {
  for (let instance: object | null = app; instance !== null; instance = Object.getPrototypeOf(instance)) {
    const key = Object.getOwnPropertySymbols(instance).find(({ description }) => description === "fastify.Request");
    if (key) return Reflect.get(instance, key);
  }
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    "cannot read `trustProxy` in this version of Fastify: pass `clientIp`, and leave authenticateUpgrade()",
  );
}

/** A Fastify request for a Node request that Fastify has not routed. */
export function requestOf(app: FastifyInstance, raw: IncomingMessage): FastifyRequest {
  const Request = requestClassOf(app);
  return new Request("upgrade", {}, raw, {});
}

/**
 * Refuses to start if any client could choose its address. `trustProxy` may be a function, so it is tried out.
 *
 * @throws ConfigurationError `ERR_TRUST_PROXY`
 */
export function checkTrustProxy(app: FastifyInstance): void {
  if (!believesForgedAddress((raw) => requestOf(app, raw).ip)) return;
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    "`trustProxy` trusts everybody: it accepts the left-most address of X-Forwarded-For, which anyone can " +
      'forge. Set it to the addresses of your proxies, as in Fastify({ trustProxy: "127.0.0.1" }), or pass `clientIp`',
  );
}
