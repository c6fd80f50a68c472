import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, UNTIL_ROTATION_SECS } from "../conformance/case.ts";

const ORIGIN = "http://app.example";
const APP = fileURLToPath(new URL("sveltekit-app/", import.meta.url));
const VITE = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));

/** What SvelteKit's build gives to the adapters, for each request. */
type Respond = (request: Request) => Promise<Response>;

let sidecar: TestSidecar;
let respond: Respond;
beforeAll(async () => {
  await promisify(execFile)(process.execPath, [VITE, "build"], { cwd: APP });
  sidecar = await startTestSidecar();
  vi.stubEnv("BYO_URL", sidecar.url);
  vi.stubEnv("BYO_INTEGRATION_KEY", sidecar.integrationKey);
  const output = `${APP}.svelte-kit/output/server`;
  const { Server } = await import(/* @vite-ignore */ `${output}/index.js`);
  const { manifest } = await import(/* @vite-ignore */ `${output}/manifest.js`);
  const server = new Server(manifest);
  await server.init({ env: {} });
  respond = (request) => server.respond(request, { getClientAddress: () => "203.0.113.9" });
}, 120_000);
afterAll(() => void vi.unstubAllEnvs());

interface Asked {
  cookie?: string;
  /** A page load. */
  page?: boolean;
  form?: Record<string, string>;
  site?: string;
}

async function ask(path: string, { cookie = "", page = false, form, site = "same-origin" }: Asked = {}) {
  const headers = {
    "user-agent": CHROME_ON_LINUX,
    cookie,
    origin: ORIGIN,
    "sec-fetch-site": site,
    "sec-fetch-mode": page ? "navigate" : "cors",
    ...(page && { accept: "text/html" }),
  };
  const body = form && new URLSearchParams(form);
  const answer = await respond(
    new Request(ORIGIN + path, { method: body ? "POST" : "GET", headers, ...(body && { body }) }),
  );
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function loggedIn(name: string): Promise<string> {
  const { status, headers } = await ask("/login", { form: { name }, page: true });
  expect([status, headers.get("location"), headers.getSetCookie().length]).toEqual([303, "/account", 1]);
  expect(headers.get("cache-control")).toBe("private, no-store");
  return headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

it("an action logs in, and the page behind it has the session, in its load and in what that asks the app itself", async () => {
  const page = await ask("/account", { cookie: await loggedIn("ada"), page: true });
  expect(page.status).toBe(200);
  expect(page.text).toContain("<p>ada has 1 and 1</p>");
});

it("a page rotates the token once, though the server asks itself with the cookie of the request", async () => {
  const cookie = await loggedIn("bob");
  await sidecar.advance(UNTIL_ROTATION_SECS);
  const page = await ask("/account", { cookie, page: true });
  expect(page.text).toContain("<p>bob has 1 and 1</p>");
  expect(page.headers.getSetCookie()).toEqual([expect.stringMatching(`^${COOKIE}=byo_sess_`)]);
  expect(page.headers.get("cache-control")).toBe("private, no-store");
  // That answer never arrives. Had the server used the successor, the browser would look like a thief now.
  await sidecar.advance(120);
  const again = await ask("/account", { cookie, page: true });
  expect([again.status, again.headers.getSetCookie().length]).toEqual([200, 1]);
});

it("a guard sends to the login page, as a page and as the data of a link", async () => {
  const page = await ask("/account?tab=1", { page: true });
  expect([page.status, page.headers.get("location")]).toEqual([302, "/login?returnTo=%2Faccount%3Ftab%3D1"]);
  const link = await ask("/account/__data.json?tab=1");
  expect(JSON.parse(link.text)).toMatchObject({ type: "redirect", location: "/login?returnTo=%2Faccount%3Ftab%3D1" });
});

it("a failed action is an error of SvelteKit's own, by its status and reason", async () => {
  const answer = await ask("/api/list");
  expect([answer.status, answer.text]).toMatchObject([401, expect.stringContaining("NoSession")]);
});

it("the ready-made routes are served, and forged changes refused", async () => {
  const cookie = await loggedIn("eve");
  expect(JSON.parse((await ask("/session", { cookie })).text)).toMatchObject({ session: { userId: "eve" } });
  expect((await ask("/session/logout", { cookie, form: {} })).status).toBe(204);
  expect(JSON.parse((await ask("/session", { cookie })).text)).toEqual({ session: null, reason: "LoggedOut" });
  expect((await ask("/login", { form: { name: "eve" }, site: "cross-site" })).status).toBe(403);
});
