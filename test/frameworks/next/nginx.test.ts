import { request } from "node:http";
import { text } from "node:stream/consumers";
import { beforeAll, expect, it } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { createDeviceKey } from "../../harness/device-key.ts";
import { freePort } from "../../harness/free-port.ts";
import { buildNextApp, startNextApp } from "../../harness/next-app.ts";
import { startNginx } from "../../harness/nginx.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { codeBlocks, readDocuments } from "../../product/docs/code-blocks.ts";

/** A real nginx, set up as docs/next-deployment.md says, before an app that takes `X-Real-IP` as it says. */
const HOST = "test/frameworks/next/shop";

let sidecar: TestSidecar;
let url: string;
beforeAll(async () => {
  [sidecar] = await Promise.all([startTestSidecar(), buildNextApp(HOST)]);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const variables = { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey, PUBLIC_URL: url };
  const app = await startNextApp(HOST, variables);
  const documented = readDocuments()
    .filter(({ path }) => path === "docs/next-deployment.md")
    .flatMap(codeBlocks)
    .filter(({ language }) => language === "nginx");
  expect(documented).toHaveLength(1);
  await startNginx(port, documented.map(({ code }) => code.replace("http://127.0.0.1:3000", app.url)).join(""));
});

/** Logs in from one of this machine's addresses. */
async function logIn(userId: string, from: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = request(`${url}/shop/api/login/`, {
    ...{ method: "POST", localAddress: from },
    headers: { "content-type": "application/json", "user-agent": "Test", origin: url, ...headers },
  });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    asked.on("response", (response) => text(response).then(() => resolve(response.statusCode), reject));
    asked.on("error", reject);
  });
  asked.end(JSON.stringify({ userId }));
  return answered;
}

it.each([
  ["127.0.0.1", {}],
  ["127.0.0.2", {}],
  ["127.0.0.3", { "x-real-ip": "203.0.113.9", "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" }],
])("a client that connects from %s has that address, whatever it says of itself: %j", async (from, said) => {
  const userId = `from ${from}`;
  expect(await logIn(userId, from, { ...said })).toBe(200);
  const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId });
  expect(sessions).toMatchObject([{ ipAddress: from }]);
});

it("a change from another site is refused, and one from the app's own pages is not", async () => {
  expect(await logIn("cross", "127.0.0.1", { origin: "https://evil.example" })).toBe(403);
  expect(await logIn("own", "127.0.0.1", {})).toBe(200);
});

it("a proof of a device is for the address that nginx is asked by", async () => {
  const client = createBrowserClient(url);
  const challenged = await client.fetch("/shop/session/challenge/");
  const { deviceChallenge: challenge } = challenged.json<{ deviceChallenge: string }>();
  const key = createDeviceKey();
  const prove = (path: string, method: string) => ({ dpop: key.prove({ challenge, url: url + path, method }) });
  const login = { json: { userId: "bound" }, headers: prove("/shop/api/login/", "POST") };
  expect((await client.fetch("/shop/api/login/", login)).status).toBe(200);
  expect((await client.fetch("/shop/api/me/", { headers: prove("/shop/api/me/", "GET") })).text).toContain("bound");
  expect((await client.fetch("/shop/account/", { navigate: true })).text).toContain("secret of");
});
