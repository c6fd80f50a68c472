import { withByo } from "../../../lib/sessions.ts";

/** Handlers that set all caching headers: one uses sessions, and one does not. */
const answer = () =>
  new Response("for everybody", {
    headers: { "Cache-Control": "public", "CDN-Cache-Control": "max-age=600", "Surrogate-Control": "max-age=600" },
  });

export const GET = withByo(answer);

export const PUT = answer;
