import { checkRequirements, type SessionRequirements } from "@byo-session/core";
import { deliver } from "@byo-session/core/node";
import type { RequestHandler } from "express";
import { attachment } from "./attached.ts";
import { intoExpress } from "./into-express.ts";

/**
 * Lets only requests with a session pass. Without one: 401, or a redirect to `loginUrl` for a page load; 403 for a
 * missing tag.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when it is called, for requirements that it does not know.
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
