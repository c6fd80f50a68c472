import { withByo } from "../../../lib/sessions.ts";

/** Handlers that know everything of caches: one has sessions too, and one does not. */
const answer = () =>
  new Response("for everybody", {
    headers: { "Cache-Control": "public", "CDN-Cache-Control": "max-age=600", "Surrogate-Control": "max-age=600" },
  });

export const GET = withByo(answer);

export const PUT = answer;
