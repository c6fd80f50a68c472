/** Reveals what no application should: the word that the proxy passes to the server. */
export const GET = (request: Request) => new Response(request.headers.get("x-byo-session"));
