import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { CHROME_ON_LINUX } from "../../../harness/browser-client.ts";
import { type CaseGroup, type CaseTools, COOKIE, tokenOf } from "../case.ts";

/** Sends a target as it is: URL parsers would change it. */
async function send(
  { url, below, written }: CaseTools,
  method: string,
  target: string,
  headers: Record<string, string> = {},
) {
  const { hostname, port } = new URL(url);
  const path = target === "*" ? target : below + written(target);
  const sent = request({ hostname, port, method, path, headers: { "user-agent": CHROME_ON_LINUX, ...headers } }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: await text(answer) };
}

export const hostileTargets: CaseGroup = {
  title: "hostile targets and methods",
  cases: {
    async "// and what a URL parser takes for another host is a path like any other"(tools) {
      for (const path of ["//", "//evil.example/me", "/\\evil.example"]) {
        const answer = await send(tools, "GET", path);
        expect([path, answer.status, answer.text]).toEqual([path, 404, '{"session":null}']);
      }
    },

    async "a page load of // leads to no other site after the login"(tools) {
      const { status, headers } = await send(tools, "GET", "/me//evil.example/..%2f", { "sec-fetch-mode": "navigate" });
      expect([status, headers.location]).toEqual([404, undefined]);
      const guarded = await send(tools, "GET", "/me?//evil.example", { "sec-fetch-mode": "navigate" });
      expect(guarded.headers.location).toBe("/prefix/sign-in?from=guard&returnTo=%2Fprefix%2Fme%3F%2F%2Fevil.example");
    },

    async "a target that is not a URL is the client's error"(tools) {
      const cookie = `${COOKIE}=${await tokenOf(await tools.loggedIn())}`;
      for (const path of ["/%", "/%zz", "/%c0%80"]) {
        const { status, headers } = await send(tools, "GET", path, { cookie });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
        expect(headers).not.toHaveProperty("set-cookie");
      }
    },

    async "TRACE from another site is refused as every unsafe method"(tools) {
      const answer = await send(tools, "TRACE", "/open", { "sec-fetch-site": "cross-site" });
      expect([answer.status, answer.text]).toEqual([403, '{"errorType":"Forbidden","reason":"CrossOrigin"}']);
    },

    async "OPTIONS * is not answered as a fault of the server"(tools) {
      const { status } = await send(tools, "OPTIONS", "*");
      expect(status).toBeLessThan(500);
    },
  },
};
