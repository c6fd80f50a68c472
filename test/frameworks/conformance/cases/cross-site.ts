import { expect } from "vitest";
import type { Case, CaseGroup, CaseTools } from "../case.ts";

const OPEN = 200;
const REFUSED = 403;

/** Headers of an unsafe request, all there are. The app trusts https://admin.example and its port 8443. */
const REQUESTS: Record<string, [headers: Record<string, string>, status: number]> = {
  "same-origin": [{ "sec-fetch-site": "same-origin" }, OPEN],
  "typed into the address bar": [{ "sec-fetch-site": "none" }, OPEN],
  "cross-site": [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, REFUSED],
  "a sibling host that may be someone else's": [
    { "sec-fetch-site": "same-site", origin: "https://evil.app.example" },
    REFUSED,
  ],
  "cross-site with Origin null": [{ "sec-fetch-site": "cross-site", origin: "null" }, REFUSED],
  "cross-site without an origin": [{ "sec-fetch-site": "cross-site" }, REFUSED],
  "an unknown word": [{ "sec-fetch-site": "same-origin, cross-site" }, REFUSED],
  "from a trusted origin": [{ "sec-fetch-site": "cross-site", origin: "https://admin.example" }, OPEN],
  "from a trusted origin's port": [{ "sec-fetch-site": "cross-site", origin: "https://admin.example:8443" }, OPEN],
  "from another port of it": [{ "sec-fetch-site": "cross-site", origin: "https://admin.example:444" }, REFUSED],
  "from a name that begins with it": [
    { "sec-fetch-site": "cross-site", origin: "https://admin.example.evil" },
    REFUSED,
  ],
  "by http instead of https": [{ "sec-fetch-site": "cross-site", origin: "http://admin.example" }, REFUSED],
  "from an extension": [
    { "sec-fetch-site": "cross-site", origin: "chrome-extension://abcdefghijklmnopabcdefghijklmnop" },
    OPEN,
  ],
  "from another extension": [
    { "sec-fetch-site": "cross-site", origin: "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba" },
    REFUSED,
  ],
  "from an app's shell": [{ "sec-fetch-site": "cross-site", origin: "capacitor://localhost" }, OPEN],
  "from an app's shell, an old one": [{ origin: "tauri://localhost" }, OPEN],
  "from another app's shell": [{ "sec-fetch-site": "cross-site", origin: "ionic://localhost" }, REFUSED],
  "from a program, with neither header": [{}, OPEN],
  "an old browser, Origin null": [{ origin: "null" }, REFUSED],
  "an old browser, elsewhere": [{ origin: "https://evil.example" }, REFUSED],
  "an old browser, trusted": [{ origin: "https://admin.example" }, OPEN],
  "an old browser, a malformed origin": [{ origin: "://" }, REFUSED],
};

/** Headers that a browser would add by itself are left out: each case lists all headers. */
function send({ browser }: CaseTools, method: string, headers: Record<string, string | undefined>, path = "/open") {
  const none = {
    "sec-fetch-site": undefined,
    "sec-fetch-mode": undefined,
    "sec-fetch-dest": undefined,
    origin: undefined,
  };
  return browser().fetch(path, { method, headers: { ...none, ...headers } });
}

function unsafe(name: string, headers: Record<string, string>, status: number): [name: string, run: Case] {
  return [
    `an unsafe request: ${name}`,
    async (tools) => {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        // A cookie makes no difference: a forged login is an attack as well.
        const answer = await send(tools, method, method === "DELETE" ? { ...headers, cookie: "other=1" } : headers);
        expect([method, answer.status]).toEqual([method, status]);
        if (status === REFUSED) expect(answer.json()).toEqual({ errorType: "Forbidden", reason: "CrossOrigin" });
      }
    },
  ];
}

export const crossSite: CaseGroup = {
  title: "requests from other sites",
  cases: {
    ...Object.fromEntries(Object.entries(REQUESTS).map(([name, [headers, status]]) => unsafe(name, headers, status))),

    async "an old browser's Origin is compared with publicUrl where that is set"(tools) {
      expect((await send(tools, "POST", { origin: "https://app.example" })).status).toBe(OPEN);
      expect((await send(tools, "POST", { origin: "https://app.example." })).status).toBe(OPEN);
      expect((await send(tools, "POST", { origin: "http://app.example" })).status).toBe(REFUSED);
      expect((await send(tools, "POST", { origin: new URL(tools.url).origin })).status).toBe(REFUSED);
    },

    async "safe methods pass, whatever the site"(tools) {
      for (const method of ["GET", "HEAD", "OPTIONS"]) {
        expect((await send(tools, method, { "sec-fetch-site": "cross-site" })).status).toBe(OPEN);
      }
    },

    async "single routes can be exempt, for the form posts of identity providers"({ browser }) {
      const crossSitePost = { method: "POST", site: "cross-site" } as const;
      expect((await browser().fetch("/idp", crossSitePost)).status).toBe(OPEN);
      expect((await browser().fetch("/open", crossSitePost)).status).toBe(REFUSED);
    },

    async "corsHeaders names a trusted origin only, letter by letter"({ browser }) {
      const from = (origin?: string) => browser().fetch("/cors/open", { headers: { origin } });
      const trusted = await from("https://admin.example");
      expect(trusted.headers).toMatchObject({
        "access-control-allow-origin": "https://admin.example",
        "access-control-allow-credentials": "true",
      });
      expect(String(trusted.headers.vary)).toContain("Origin");
      expect(trusted.headers["access-control-expose-headers"]).toContain("Session-Token");
      for (const origin of ["https://admin.example.evil", "https://evil.example", "null", undefined]) {
        expect((await from(origin)).headers).not.toHaveProperty("access-control-allow-origin");
      }
    },
  },
};

export const crossSiteByHost: CaseGroup = {
  title: "requests from other sites, without publicUrl",
  cases: {
    async "an old browser's Origin is compared with the Host"(tools) {
      const own = new URL(tools.url);
      expect((await send(tools, "POST", { origin: own.origin })).status).toBe(OPEN);
      expect((await send(tools, "POST", { origin: `http://${own.hostname}:1` })).status).toBe(REFUSED);
      expect((await send(tools, "POST", { origin: "https://app.example" })).status).toBe(REFUSED);
    },

    async "the Host is the app's own with a default port, in capital letters and with a trailing dot"(tools) {
      for (const host of ["app.example", "app.example:443", "app.example:80", "APP.example", "app.example."]) {
        const answer = await send(tools, "POST", { host, origin: "https://app.example" });
        expect([host, answer.status]).toEqual([host, OPEN]);
      }
      for (const host of ["app.example:8443", "other.example:443", "app.example.evil.example"]) {
        const answer = await send(tools, "POST", { host, origin: "https://app.example" });
        expect([host, answer.status]).toEqual([host, REFUSED]);
      }
      const shell = await send(tools, "POST", { host: "localhost", origin: "capacitor://localhost" });
      expect(shell.status).toBe(REFUSED);
    },
  },
};
