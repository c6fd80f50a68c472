import { checkRequirements, type SessionRequirements } from "@byo-session/core";
import type { Middleware } from "koa";
import { attachment } from "./attached.ts";
import { answer } from "./middleware.ts";

/**
 * Lets only requests with a session pass. Otherwise it answers 401, or redirects a page load to `loginUrl`; it answers
 * 403 for a missing tag.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for unknown requirements.
 * @example router.get("/me", requireSession(), (ctx) => { ctx.body = ctx.session })
 */
export function requireSession(requirements: SessionRequirements = {}): Middleware {
  const checked = checkRequirements(requirements);
  return async (ctx, next) => {
    const refused = await attachment.of(ctx).guard(checked);
    if (refused) answer(ctx, refused);
    else await next();
  };
}
