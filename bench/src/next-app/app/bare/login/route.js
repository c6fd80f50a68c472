export const POST = () => new Response("", { headers: { "set-cookie": "nothing=1; Path=/" } });
