import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { ConfigurationError } from "@byo-session/core";
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

/** Addresses for documentation (RFC 5737), of which no real set-up trusts all. */
const FORGED = "192.0.2.1";
const FORWARDED = [FORGED, ...Array.from({ length: 30 }, (_, i) => `203.0.113.${i}`)].join(", ");

/**
 * Refuses to start where any client could choose its address. What is trusted may be a function, so it is asked.
 *
 * @throws ConfigurationError `ERR_TRUST_PROXY`
 */
export function checkTrustProxy(app: FastifyInstance): void {
  const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: "198.51.100.1" });
  const raw = new IncomingMessage(socket);
  raw.headers["x-forwarded-for"] = FORWARDED;
  if (requestOf(app, raw).ip !== FORGED) return;
  throw new ConfigurationError(
    "ERR_TRUST_PROXY",
    "`trustProxy: true` believes the left-most address of X-Forwarded-For, which anyone can forge. Set it to the " +
      'addresses of your proxies, as in Fastify({ trustProxy: "127.0.0.1" }), or pass `clientIp`',
  );
}
