/** A way for the app to answer with its own `Response`, and the cookies that the app sets on it. */
type WebEnding = readonly [end: () => Response | Promise<Response>, own?: readonly string[]];

const EVERYBODYS = new Response(null, { headers: { "cache-control": "public, max-age=600" } });

export const WEB_ENDINGS: Readonly<Record<string, WebEnding>> = {
  "a-response": [() => new Response("web")],
  "a-response-that-everybody-gets": [() => EVERYBODYS],
  "a-redirect-whose-headers-cannot-change": [() => Response.redirect("http://elsewhere.example/")],
  "a-response-that-was-fetched": [() => fetch("data:text/plain,fetched")],
  "a-response-with-cookies": [
    () => {
      const response = new Response("web");
      for (const cookie of ["own=1", "second=2"]) response.headers.append("set-cookie", cookie);
      return response;
    },
    ["own=1", "second=2"],
  ],
  "a-response-that-streams": [() => inSteps([async () => "a", async () => "b"])],
  "a-response-to-keep": [
    () => new Response("web", { headers: { "cache-control": "public", "surrogate-control": "max-age=600" } }),
  ],
};

/** A response whose body is made step by step, when it is asked for: after the headers. */
export function inSteps(steps: readonly (() => Promise<string>)[]): Response {
  const left = [...steps];
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = left.shift();
        if (step) controller.enqueue(new TextEncoder().encode(await step()));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body);
}
