import { byoSession, requireSession } from "@byo-session/web/h3";
import { H3, type H3Event, onError } from "h3";
import { beforeAll, describe, expect, it } from "vitest";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, UNTIL_ROTATION_SECS } from "../conformance/case.ts";

let sidecar: TestSidecar;
let options: { url: string; integrationKey: string; clientIp: () => string };
beforeAll(async () => {
  sidecar = await startTestSidecar();
  options = { url: sidecar.url, integrationKey: sidecar.integrationKey, clientIp: () => "203.0.113.9" };
});

async function rotating(userId: string): Promise<RequestInit> {
  const { sessionToken } = await sidecar.run("CreateSession", { userId, userAgent: CHROME_ON_LINUX });
  await sidecar.advance(UNTIL_ROTATION_SECS);
  return { headers: { "user-agent": CHROME_ON_LINUX, cookie: `${COOKIE}=${sessionToken}` } };
}

/** The codes of the errors that an app's own `onError` gets. */
function watched(): { app: H3; codes: unknown[] } {
  const codes: unknown[] = [];
  const app = new H3({ silent: true, onError: ({ cause }) => void codes.push(Reflect.get(Object(cause), "code")) });
  return { app, codes };
}

it("an app mounted below a path: its ready-made routes are below it", async () => {
  const inner = new H3().use(byoSession({ ...options, routes: { prefix: "/session" } }));
  const app = new H3().mount("/shop", inner);
  const answer = await app.request("/shop/session");
  expect([answer.status, await answer.json()]).toEqual([200, { session: null, reason: "NoSession" }]);
  expect((await app.request("/session")).status).toBe(404);
});

describe("what other middlewares say of the response", () => {
  const keepIt = ({ res }: H3Event) => {
    res.headers.set("cache-control", "public, max-age=600");
    res.headers.append("set-cookie", "own=1");
  };

  it("a redirect to the login page is kept by no cache all the same", async () => {
    const app = new H3()
      .use(keepIt)
      .use(byoSession({ ...options, loginUrl: "/login" }))
      .use(requireSession());
    const { status, headers } = await app.request("/me", { headers: { "sec-fetch-mode": "navigate" } });
    expect([status, headers.get("cache-control")]).toEqual([302, "private, no-store"]);
    expect(headers.getSetCookie()).toEqual(["own=1"]);
  });

  it("nor is a response with the session's cookie, and each cookie is there once", async () => {
    const app = new H3()
      .use(keepIt)
      .use(byoSession(options))
      .get("/", () => "public");
    const { headers } = await app.request("/", await rotating("kept"));
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.getSetCookie()).toEqual(["own=1", expect.stringMatching(`^${COOKIE}=`)]);
  });

  it("nor that of an error, with or without an answer of the app's own", async () => {
    const failing = () => {
      throw new Error("on purpose");
    };
    const own = () => Response.json({ own: true }, { status: 500, headers: { "cache-control": "public" } });
    for (const app of [new H3({ silent: true }), new H3({ silent: true, onError: own })]) {
      app.use(byoSession(options)).get("/", failing);
      const { status, headers } = await app.request("/", await rotating("failing"));
      expect([status, headers.get("cache-control"), headers.getSetCookie().length]).toEqual([
        500,
        "private, no-store",
        1,
      ]);
    }
  });
});

it("an action's error comes to the app's error handlers first, and is answered as a guard would", async () => {
  const list = ({ context }: H3Event) => context.byo.listSessions();
  const { app, codes } = watched();
  const answer = await app.use(byoSession(options)).get("/", list).request("/");
  expect([answer.status, await answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
  expect([codes, answer.headers.get("cache-control")]).toEqual([["ERR_NO_SESSION"], "private, no-store"]);
  const inside = new H3().use(byoSession(options));
  inside.use(onError(({ cause }) => `own ${Reflect.get(Object(cause), "code")}`));
  expect(await (await inside.get("/", list).request("/")).text()).toBe("own ERR_NO_SESSION");
  // As Nitro answers every error.
  const nitro = new H3({ onError: ({ status, data }) => Response.json({ status, data }, { status }) });
  const told = await nitro.use(byoSession(options)).get("/", list).request("/");
  expect(await told.json()).toEqual({ status: 401, data: { errorType: "Unauthorized", reason: "NoSession" } });
});

it("mounted twice, not at all, or beside another owner of the name: an error that says so", async () => {
  const { app, codes } = watched();
  app.use("/twice", byoSession(options)).use("/twice", byoSession(options));
  app.use("/guarded", requireSession());
  app.use("/taken", ({ context }) => void Object.assign(context, { session: null })).use("/taken", byoSession(options));
  app.use("/later", byoSession(options)).use("/later", ({ context }) => void Object.assign(context, { byo: null }));
  app.get("/**", () => "in");
  for (const path of ["/twice", "/guarded", "/taken", "/later"]) expect((await app.request(path)).status).toBe(500);
  expect(codes).toEqual([
    "ERR_MOUNTED_TWICE",
    "ERR_NOT_MOUNTED",
    "ERR_SESSION_PROPERTY_TAKEN",
    "ERR_SESSION_PROPERTY_TAKEN",
  ]);
});
