import { beforeAll, describe, expect, test } from "vitest";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { type MiddlewareOptions, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;
let app: SessionsApp;
let behindProxy: SessionsApp;

const OPEN = { status: 200 };
const REFUSED = { status: 403 };

beforeAll(async () => {
  sidecar = await startTestSidecar();
  const start = (options: MiddlewareOptions) =>
    startSessionsApp({
      sidecarUrl: sidecar.url,
      options,
      routes: (router) => router.all("/change", (_req, res) => res.sendStatus(200)),
    });
  app = await start({ trustedOrigins: ["https://admin.example", "https://admin.example:8443"] });
  behindProxy = await start({ publicUrl: "https://app.example/prefix" });
});

/** What a browser would send by itself is left out: each case says all there is. */
function send(to: SessionsApp, method: string, headers: Record<string, string | undefined>) {
  const none = {
    "sec-fetch-site": undefined,
    "sec-fetch-mode": undefined,
    "sec-fetch-dest": undefined,
    origin: undefined,
  };
  return to.browser().fetch("/change", { method, headers: { ...none, ...headers } });
}

describe("an unsafe request", () => {
  test.each<[string, Record<string, string>, { status: number }]>([
    ["same-origin", { "sec-fetch-site": "same-origin" }, OPEN],
    ["typed into the address bar", { "sec-fetch-site": "none" }, OPEN],
    ["cross-site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }, REFUSED],
    [
      "a sibling host that may be someone else's",
      { "sec-fetch-site": "same-site", origin: "https://evil.app.example" },
      REFUSED,
    ],
    ["cross-site with a forged own origin", { "sec-fetch-site": "cross-site", origin: "null" }, REFUSED],
    ["cross-site without an origin", { "sec-fetch-site": "cross-site" }, REFUSED],
    ["an unknown word", { "sec-fetch-site": "same-origin, cross-site" }, REFUSED],
    ["from a trusted origin", { "sec-fetch-site": "cross-site", origin: "https://admin.example" }, OPEN],
    ["from a trusted origin's port", { "sec-fetch-site": "cross-site", origin: "https://admin.example:8443" }, OPEN],
    ["from another port of it", { "sec-fetch-site": "cross-site", origin: "https://admin.example:444" }, REFUSED],
    [
      "from a name that begins with it",
      { "sec-fetch-site": "cross-site", origin: "https://admin.example.evil" },
      REFUSED,
    ],
    ["by http instead of https", { "sec-fetch-site": "cross-site", origin: "http://admin.example" }, REFUSED],
    ["neither header: no browser", {}, OPEN],
    ["an old browser, Origin null", { origin: "null" }, REFUSED],
    ["an old browser, elsewhere", { origin: "https://evil.example" }, REFUSED],
    ["an old browser, trusted", { origin: "https://admin.example" }, OPEN],
    ["an old browser, an origin that is none", { origin: "://" }, REFUSED],
  ])("%s", async (_name, headers, expected) => {
    expect(await send(app, "POST", headers)).toMatchObject(expected);
    // A cookie makes no difference: a forged login is an attack as well.
    expect(await send(app, "DELETE", { ...headers, cookie: "other=1" })).toMatchObject(expected);
  });

  test("an old browser's Origin is compared with the Host, or with publicUrl where it is set", async () => {
    const own = new URL(app.url);
    expect(await send(app, "POST", { origin: own.origin })).toMatchObject(OPEN);
    expect(await send(app, "POST", { origin: `http://${own.hostname}:1` })).toMatchObject(REFUSED);
    expect(await send(behindProxy, "POST", { origin: "https://app.example" })).toMatchObject(OPEN);
    expect(await send(behindProxy, "POST", { origin: new URL(behindProxy.url).origin })).toMatchObject(REFUSED);
  });

  test("safe methods pass, whatever the site", async () => {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      expect(await send(app, method, { "sec-fetch-site": "cross-site" })).toMatchObject(OPEN);
    }
  });

  test("single routes can be left out, for the form posts of identity providers", async () => {
    const open = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { crossOriginProtection: (req) => req.path !== "/change" },
      routes: (router) => router.all(["/change", "/other"], (_req, res) => res.sendStatus(200)),
    });
    const crossSite = { method: "POST", site: "cross-site" } as const;
    expect(await open.browser().fetch("/change", crossSite)).toMatchObject(OPEN);
    expect(await open.browser().fetch("/other", crossSite)).toMatchObject(REFUSED);
  });
});
