import { checkRequirements, type SessionRequirements } from "@byo-session/core";
import { deliver } from "@byo-session/core/node";
import type { RequestHandler } from "express";
import { attachment } from "./attached.ts";
import { intoExpress } from "./into-express.ts";

/**
 * Lets only requests with a session pass. Otherwise it answers 401, or redirects a page load to `loginUrl`; it answers
 * 403 for a missing tag.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for unknown requirements.
 * @example app.get("/me", requireSession(), (req, res) => res.json(req.session))
 */
export function requireSession(requirements: SessionRequirements = {}): RequestHandler {
  const checked = checkRequirements(requirements);
  return (req, res, next) =>
    void intoExpress(res, next, async () => {
      const refused = await attachment.of(req).guard(checked);
      if (refused) deliver(res, refused);
      return refused === undefined;
    });
}
