import { beforeAll, describe, expect, it } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { sendingTo } from "./hostile-headers.ts";

/** The app of server.test.ts, which is built anyway. The long tests try the same on all guards of a shop. */
const HOST = "test/frameworks/next/host";

/** What a page shows only behind its guard, to a browser and to Next's router. */
const ON_A_PAGE = /<pre>|"pre"/;
const BY_A_HANDLER = /"served"/;
/** Behind the proxy, and where the server has none. */
const GUARDED: readonly [path: string, inside: RegExp][] = [
  ["/guarded", ON_A_PAGE],
  ["/outside/guarded", ON_A_PAGE],
  ["/api/me", BY_A_HANDLER],
  ["/outside/api/me", BY_A_HANDLER],
];
const FORMS = ["/changes", "/outside/changes"];

let app: NextApp;
beforeAll(async () => {
  const [sidecar] = await Promise.all([startTestSidecar(), buildNextApp(HOST)]);
  app = await startNextApp(HOST, { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey });
});

const stranger = () => createBrowserClient(app.url);

async function loggedIn(): Promise<BrowserClient> {
  const client = stranger();
  expect((await client.fetch("/api/me", { json: { userId: "ada" } })).status).toBe(200);
  return client;
}

describe("no header of a client opens a guard", () => {
  it.each(GUARDED)("of %s", async (path, inside) => {
    expect((await (await loggedIn()).fetch(path, { navigate: true })).text).toMatch(inside);
    for (const headers of sendingTo(0, 1)) {
      const { text } = await stranger().fetch(path, { headers });
      expect({ headers, isOpen: inside.test(text) }).toEqual({ headers, isOpen: false });
    }
  });

  it.each(FORMS)("of the action of %s", async (path) => {
    const client = await loggedIn();
    const { text: page } = await client.fetch(path, { navigate: true });
    const [, id = ""] = /\$ACTION_ID_([0-9a-f]+)/.exec(page) ?? [];
    const forged = await formOf({ [`$ACTION_ID_${id}`]: "", text: "forged" });
    const wanted = await formOf({ [`$ACTION_ID_${id}`]: "", text: "wanted" });
    const called = { "next-action": id, "content-type": "text/plain;charset=UTF-8" };
    for (const headers of sendingTo(FORMS.indexOf(path), FORMS.length)) {
      await stranger().fetch(path, { ...forged, headers: { ...forged.headers, ...headers } });
      await stranger().fetch(path, { method: "POST", body: '["$K1"]', headers: { ...called, ...headers } });
    }
    await client.fetch(path, { navigate: true, ...wanted });
    expect((await stranger().fetch("/api/seen")).json()).toEqual(["wanted by ada"]);
  });
});

/** What a browser sends of a form without the help of a script. */
async function formOf(fields: Record<string, string>) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  const encoded = new Response(data);
  const headers = { "content-type": encoded.headers.get("content-type") ?? "" };
  return { method: "POST", body: await encoded.text(), headers };
}
