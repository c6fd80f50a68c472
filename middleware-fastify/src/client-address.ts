import type { IncomingMessage } from "node:http";
import { ConfigurationError } from "@byo-session/core";
import { believesForgedAddress } from "@byo-session/core/node";
import type { FastifyInstance, FastifyRequest } from "fastify";

type RequestClass = new (id: string, params: object, raw: IncomingMessage, query: object) => FastifyRequest;

/**
 * The class whose requests know what this instance trusts. Fastify has no public way to it, and to no other trace of
 * `trustProxy` before the first request either.
 */
function requestClassOf(app: FastifyInstance): RequestClass {
  for (let instance: object | null = app; instance !== null; instance = Object.getPrototypeOf(instance)) {
    const key = Object.getOwnPropertySymbols(instance).find(({ description }) => description === "fastify.Request");
    if (key) return Reflect.get(instance, key);
  }
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    "cannot see what this version of Fastify trusts as `trustProxy`: pass `clientIp`, and leave authenticateUpgrade()",
  );
}

/** A Fastify request for what Fastify has not routed itself. */
export function requestOf(app: FastifyInstance, raw: IncomingMessage): FastifyRequest {
  const Request = requestClassOf(app);
  return new Request("upgrade", {}, raw, {});
}

/**
 * Refuses to start where any client could choose its address. What is trusted may be a function, so it is asked.
 *
 * @throws ConfigurationError `ERR_TRUST_PROXY`
 */
export function checkTrustProxy(app: FastifyInstance): void {
  if (!believesForgedAddress((raw) => requestOf(app, raw).ip)) return;
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    "`trustProxy` as it is set trusts everybody: it believes the left-most address of X-Forwarded-For, which anyone can " +
      'forge. Set it to the addresses of your proxies, as in Fastify({ trustProxy: "127.0.0.1" }), or pass `clientIp`',
  );
}
