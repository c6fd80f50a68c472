import { checkRequirements, type SessionRequirements } from "@byo-session/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { attachment } from "./attached.ts";
import { answer } from "./plugin.ts";

/** A route hook: use it as `onRequest` or `preHandler`. */
export type SessionGuard = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/**
 * Lets only requests with a session pass. Otherwise it answers 401, or redirects a page load to `loginUrl`; it answers
 * 403 for a missing tag.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for unknown requirements.
 * @example app.get("/me", { preHandler: requireSession() }, async (request) => request.session)
 */
export function requireSession(requirements: SessionRequirements = {}): SessionGuard {
  const checked = checkRequirements(requirements);
  return async (request, reply) => {
    const refused = await attachment.of(request).guard(checked);
    if (!refused) return undefined;
    answer(reply, refused);
    return reply;
  };
}
