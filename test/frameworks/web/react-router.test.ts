import { createSessions, type Sessions } from "@byo-session/web";
import { createElement } from "react";
import {
  createRequestHandler,
  isRouteErrorResponse,
  type LoaderFunction,
  type LoaderFunctionArgs,
  type RequestHandler,
  redirect,
  type ServerBuild,
} from "react-router";
import { beforeAll, expect, it } from "vitest";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, UNTIL_ROTATION_SECS } from "../conformance/case.ts";

const ORIGIN = "http://app.example";

type Context = LoaderFunctionArgs["context"];
type ServerRouteModule = NonNullable<ServerBuild["routes"][string]>["module"];

let sidecar: TestSidecar;
let handle: RequestHandler;
beforeAll(async () => {
  sidecar = await startTestSidecar();
  const { url, integrationKey } = sidecar;
  const sessions = createSessions<Context>(
    { url, integrationKey, loginUrl: "/login", routes: { prefix: "/session" }, clientIp: () => "203.0.113.9" },
    { raise: (answer) => answer },
  );
  handle = createRequestHandler(buildOf(sessions), "production");
});

function Page() {
  return createElement("p");
}

/** What React Router's own build makes of an app with these routes; a page is what its loader and its boundary got. */
function buildOf(sessions: Sessions<Context>): ServerBuild {
  async function guarded({ context }: LoaderFunctionArgs) {
    const refusal = await sessions.guard(context, {}, true);
    if (refusal) throw refusal;
    return { userId: sessions.session(context)?.userId };
  }
  async function logIn({ context, request }: LoaderFunctionArgs) {
    await sessions.byo(context).login({ userId: String((await request.formData()).get("name")) });
    throw redirect("/me");
  }
  // A route without a component answers by what its loader gives. The type of a build does not know it.
  const resource = (loader: LoaderFunction) => ({ loader }) as ServerRouteModule;
  const routes: ServerBuild["routes"] = {
    root: {
      id: "root",
      path: "",
      module: {
        default: Page,
        ErrorBoundary: Page,
        middleware: [({ request, context, url }, next) => sessions.run(request, context, next, url)],
      },
    },
    me: { id: "me", parentId: "root", path: "me", module: { default: Page, loader: guarded } },
    login: { id: "login", parentId: "root", path: "login", module: { default: Page, action: logIn } },
    list: {
      id: "list",
      parentId: "root",
      path: "list",
      module: resource(async ({ context }) => Response.json(await sessions.byo(context).listSessions())),
    },
    failing: {
      id: "failing",
      parentId: "root",
      path: "failing",
      module: { default: Page, loader: ({ context }) => sessions.byo(context).listSessions() },
    },
    session: {
      id: "session",
      parentId: "root",
      path: "session/*",
      module: resource(() => Response.error()),
    },
  };
  return {
    entry: {
      module: {
        default(_request, status, headers, { staticHandlerContext: { errors, loaderData } }) {
          const error = Object.values(errors ?? {}).find(isRouteErrorResponse);
          return Response.json({ loaderData, error: error?.data }, { status, headers });
        },
        handleError: () => undefined,
      },
    },
    routes,
    assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "1" },
    publicPath: "/",
    assetsBuildDirectory: "",
    future: {},
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: "initial", manifestPath: "/__manifest" },
  };
}

/** Asks as a browser does; `page` is a page load. */
async function ask(
  path: string,
  { cookie = "", page = false, ...init }: RequestInit & { cookie?: string; page?: boolean },
) {
  const headers = {
    "user-agent": CHROME_ON_LINUX,
    cookie,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": page ? "navigate" : "cors",
  };
  const answer = await handle(new Request(ORIGIN + path, { ...init, headers }));
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function loggedIn(userId: string): Promise<string> {
  const body = new FormData();
  body.set("name", userId);
  const { status, headers } = await ask("/login", { method: "POST", body, page: true });
  expect([status, headers.get("location"), headers.getSetCookie().length]).toEqual([302, "/me", 1]);
  expect(headers.get("cache-control")).toBe("private, no-store");
  return headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

it("a login that redirects keeps its cookie, and the page behind it has the session", async () => {
  const cookie = await loggedIn("ada");
  const page = await ask("/me", { cookie, page: true });
  expect([page.status, JSON.parse(page.text)]).toMatchObject([200, { loaderData: { me: { userId: "ada" } } }]);
  expect(page.headers.getSetCookie()).toEqual([]);
});

it("a rotated token goes out with a page, and with the data of a link", async () => {
  for (const path of ["/me", "/me.data"]) {
    const cookie = await loggedIn("ada");
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const { headers } = await ask(path, { cookie, page: path === "/me" });
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(`^${COOKIE}=`)]);
    expect(headers.get("cache-control")).toBe("private, no-store");
  }
});

it("a guard sends to the login page, as a page and as the data of a link", async () => {
  const page = await ask("/me?tab=1", { page: true });
  expect([page.status, page.headers.get("location")]).toEqual([302, "/login?returnTo=%2Fme%3Ftab%3D1"]);
  const link = await ask("/me.data?tab=1", {});
  expect(link.text).toContain("/login?returnTo=%2Fme%3Ftab%3D1");
});

it("a failed action is an error of React Router's own: of a page's boundary, or the whole answer", async () => {
  const refused = { errorType: "Unauthorized", reason: "NoSession" };
  const page = await ask("/failing", { page: true });
  expect([page.status, JSON.parse(page.text)]).toMatchObject([401, { error: refused }]);
  const resource = await ask("/list", {});
  expect([resource.status, JSON.parse(resource.text)]).toEqual([401, refused]);
});

it("the ready-made routes are served where a route leads there, and forged changes before any action", async () => {
  const cookie = await loggedIn("ada");
  expect(JSON.parse((await ask("/session", { cookie })).text)).toMatchObject({ session: { userId: "ada" } });
  expect((await ask("/session/logout", { cookie, method: "POST" })).status).toBe(204);
  expect(JSON.parse((await ask("/session", { cookie })).text)).toEqual({ session: null, reason: "LoggedOut" });
  const forged = await handle(
    new Request(`${ORIGIN}/list`, { method: "POST", headers: { "sec-fetch-site": "cross-site" } }),
  );
  expect(forged.status).toBe(403);
});
