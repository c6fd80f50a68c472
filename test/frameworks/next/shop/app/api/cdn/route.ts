/** A handler that knows nothing of sessions, and everything of caches. */
export const GET = () =>
  new Response("for everybody", {
    headers: { "Cache-Control": "public", "CDN-Cache-Control": "max-age=600", "Surrogate-Control": "max-age=600" },
  });
