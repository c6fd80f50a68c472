import { beforeAll, expect, it } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

/** Pages of Next 15.5 behind `middleware.ts` on Node, in the app of the conformance whose addresses end with a slash. */
const HOSTS = "test/frameworks/conformance/hosts";
const APP = `${HOSTS}/next15/slash`;
const COOKIE = "__Host-sessionToken";
const INTERVAL_SECS = 3600;

let app: NextApp;
let sidecar: TestSidecar;
beforeAll(async () => {
  [sidecar] = await Promise.all([startTestSidecar(), buildNextApp(APP, [`${HOSTS}/next-app`])]);
  app = await startNextApp(APP, variables(sidecar.url));
});

const variables = (url: string) => ({ BYO_URL: url, BYO_INTEGRATION_KEY: sidecar.integrationKey, HOST_OPTIONS: "{}" });

async function loggedIn() {
  const client = createBrowserClient(app.url);
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  await client.setCookie(`${COOKIE}=${sessionToken}; Path=/; Secure; HttpOnly`);
  return client;
}

async function validations(): Promise<number> {
  const all = [...(await sidecar.metrics())].filter(([name]) => name.startsWith("byo_command_duration_seconds_count"));
  return all.reduce((sum, [, value]) => sum + value, 0);
}

it("a page that is the same for everybody is not validated; one that asks for its session is, once, and rotates", async () => {
  const client = await loggedIn();
  await sidecar.advance(INTERVAL_SECS + 1);
  const before = await validations();
  const page = await client.fetch("/pages/static/", { navigate: true });
  expect([page.status, page.setCookies, await validations()]).toEqual([200, [], before]);
  const account = await client.fetch("/pages/account/", { navigate: true });
  expect([account.text.includes("secret of ada"), account.setCookies.length]).toEqual([true, 1]);
  expect(await validations()).toBe(before + 1);
});

it("while the sidecar is away the one is there, and the other answers 503", async () => {
  const lonely = createBrowserClient((await startNextApp(APP, variables("http://127.0.0.1:9"))).url);
  const headers = { cookie: `${COOKIE}=${await (await loggedIn()).cookie(COOKIE)}` };
  expect((await lonely.fetch("/pages/static/", { navigate: true, headers })).status).toBe(200);
  const first = await lonely.fetch("/pages/account/", { navigate: true, headers });
  expect([first.status, first.headers.location]).toEqual([307, "/pages/account/"]);
  expect((await lonely.fetch("/pages/account/", { navigate: true, headers })).status).toBe(503);
});
