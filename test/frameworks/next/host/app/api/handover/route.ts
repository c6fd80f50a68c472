/** Gives away what no application should: the word of the proxy to the server. */
export const GET = (request: Request) => new Response(request.headers.get("x-byo-session"));
