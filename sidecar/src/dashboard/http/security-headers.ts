import { TLSSocket } from "node:tls";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isHostOf, isLoopbackHost, requestHost } from "../../engine/listening/request-host.ts";

/** The page loads nothing from other sites and runs no inline script: markup in a user agent stays text. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

const A_YEAR = "max-age=31536000";

/** Sets the headers of one answer. */
export type SetSecurityHeaders = (request: FastifyRequest, reply: FastifyReply) => void;

/** Every answer on the dashboard's port has these, errors too: a framed 404 is still a frame. */
export function createSecurityHeaders(origin: string | undefined): SetSecurityHeaders {
  return ({ raw }, reply) => {
    reply.headers(HEADERS);
    if (raw.socket instanceof TLSSocket && isNameOfOurs(requestHost(raw))) {
      reply.header("strict-transport-security", A_YEAR);
    }
  };

  /** HSTS applies to every port of a name (RFC 6797, section 8.3), and other programs use `localhost` too. */
  function isNameOfOurs(host: string | undefined): boolean {
    return origin !== undefined && host !== undefined && isHostOf(origin, host) && !isLoopbackHost(host);
  }
}
