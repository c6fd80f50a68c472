import type { HttpPostFactory } from "./http-post.ts";

/** The transport where only Web APIs are at hand (edge runtimes); chosen by the package's `imports`. */
export const createHttpPost: HttpPostFactory = (endpoint, headers) => ({
  async send(body, signal) {
    // A redirect would take the integration key to another address.
    const answer = await fetch(endpoint, {
      method: "POST",
      headers,
      body,
      signal,
      redirect: "error",
      cache: "no-store",
    });
    return { status: answer.status, body: await answer.text() };
  },
  afterThisTick: queueMicrotask,
  close: async () => {},
});
