import { checkRequirements, type GateResponse, type SessionRequirements } from "@byo-session/core";
import { deliver } from "@byo-session/core/node";
import type { RequestHandler, Response } from "express";
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
  return intoExpress((req, res) => {
    const answer = attachment.of(req).guard(checked);
    return answer instanceof Promise ? answer.then((refusal) => pass(res, refusal)) : pass(res, answer);
  });
}

function pass(res: Response, refusal: GateResponse | undefined): boolean {
  if (refusal) deliver(res, refusal);
  return refusal === undefined;
}
