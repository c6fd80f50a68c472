/** A handler that does not use sessions, but sets all caching headers. */
export const GET = () =>
  new Response("for everybody", {
    headers: { "Cache-Control": "public", "CDN-Cache-Control": "max-age=600", "Surrogate-Control": "max-age=600" },
  });
