import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { createDeviceKey } from "../../harness/device-key.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { HOSTILE_HEADERS } from "./hostile-headers.ts";

const COOKIE = "__Host-sessionToken";
const INTERVAL_SECS = 3600;

interface Challenge {
  deviceChallenge: string;
}

/**
 * The cases of the Pages Router, for an app below a path, in two languages; each of its pages and API routes guards itself.
 * `sources` are further folders that it is made of.
 */
export function definePagesRouter(folder: string, sources: readonly string[] = []): void {
  let app: NextApp;
  let sidecar: TestSidecar;
  let data: string;
  beforeAll(async () => {
    [sidecar] = await Promise.all([startTestSidecar(), buildNextApp(folder, sources)]);
    app = await startNextApp(folder, { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey });
    data = `/shop/_next/data/${await readFile(`${folder}/.next/BUILD_ID`, "utf8")}`;
  });

  let users = 0;

  async function loggedIn(login = {}, headers = {}): Promise<{ client: BrowserClient; userId: string }> {
    const client = stranger();
    const userId = `reader-${++users}`;
    expect((await client.fetch("/shop/api/login", { json: { userId, ...login }, headers })).status).toBe(200);
    return { client, userId };
  }

  const stranger = () => createBrowserClient(app.url);

  /** As Next's router requests the page's data at a click. */
  const byRouter = (client: BrowserClient, path: string, language = "en") =>
    client.fetch(`${data}/${language}${path}`, { headers: { "x-nextjs-data": "1" } });

  async function callsDuring<T>(work: () => Promise<T>): Promise<[T, number]> {
    const count = async () =>
      [...(await sidecar.metrics())]
        .filter(([name]) => name.startsWith("byo_command_duration_seconds_count"))
        .reduce((sum, [, value]) => sum + value, 0);
    const before = await count();
    const result = await work();
    return [result, (await count()) - before];
  }

  const PAGES = ["/account", "/rewritten", "/order/5", "/outside/account"];

  describe("getServerSideProps behind a guard", () => {
    it.each(PAGES)("sends a page load of %s to the login, in the language of the request", async (path) => {
      const plain = await stranger().fetch(`/shop${path}?of=1`, { navigate: true });
      expect([plain.status, plain.headers.location]).toEqual([307, loginOf("", `${path}?of=1`)]);
      expect(plain.headers["cache-control"]).toBe("private, no-store");
      const german = await stranger().fetch(`/shop/de${path}`, { navigate: true });
      expect([german.status, german.headers.location]).toEqual([307, loginOf("/de", path)]);
    });

    it.each(PAGES)("tells Next's router where to go, and why the session of %s is gone", async (path) => {
      const { client, userId } = await loggedIn();
      const { pageProps } = (await byRouter(client, `${path}.json`, "de")).json<{ pageProps: object }>();
      expect(pageProps).toMatchObject({ session: { userId }, locale: "de" });
      await sidecar.run("InvalidateAllSessionsForUser", { userId });
      const refused = await byRouter(client, `${path}.json`, "de");
      const destination = loginOf("/de", path).slice("/shop".length);
      expect(refused.json()).toMatchObject({ pageProps: { __N_REDIRECT: `${destination}&reason=Revoked` } });
    });

    it.each(PAGES)("gives %s its session by one call, in each language and at a click", async (path) => {
      const { client, userId } = await loggedIn();
      for (const language of ["", "/de"]) {
        const load = () => client.fetch(`/shop${language}${path}?of=a%20b`, { navigate: true });
        const [{ text }, calls] = await callsDuring(load);
        expect([text.includes(userId), calls]).toEqual([true, 1]);
      }
      const [{ text }, calls] = await callsDuring(() => byRouter(client, `${path}.json?of=a%20b`));
      expect([text.includes(userId), calls]).toEqual([true, 1]);
    });

    it("answers as every adapter where there is no login to go to", async () => {
      const client = await withoutProof();
      const { status, text, headers } = await client.fetch("/shop/outside/account", {
        navigate: true,
        headers: { cookie: `${COOKIE}=${await client.cookie(COOKIE)}` },
      });
      expect([status, headers["cache-control"]]).toEqual([401, "private, no-store"]);
      expect(text).toContain('src="/shop/session/prove-device"');
      expect(text).not.toContain("secret");
    });

    it("may log in: a page has a response of its own. A page of another site may not", async () => {
      const client = stranger();
      const post = (site?: "cross-site") =>
        client.fetch("/shop/form?user=grace", { method: "POST", navigate: true, ...(site && { site }) });
      expect([(await post("cross-site")).status, await client.cookie(COOKIE)]).toEqual([403, undefined]);
      const answer = await post();
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining("<h1>grace</h1>")]);
      expect(answer.headers["cache-control"]).toBe("private, no-store");
      expect((await client.fetch("/shop/account", { navigate: true })).text).toContain("grace");
    });

    it("says where to find its session to who asks as in the App Router", async () => {
      const { text } = await stranger().fetch("/shop/form", { navigate: true });
      expect(text).toContain("in the Pages Router");
    });
  });

  describe("an API route behind a guard", () => {
    it.each(["/api/me", "/api/outside/me"])("%s answers as every adapter", async (path) => {
      const { client, userId } = await loggedIn();
      const [allowed, calls] = await callsDuring(() => client.fetch(`/shop${path}?of=1`));
      expect([allowed.json(), calls]).toMatchObject([{ secret: userId, session: { userId } }, 1]);
      const refused = await stranger().fetch(`/shop${path}`);
      expect([refused.status, refused.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
      expect(refused.headers["cache-control"]).toBe("private, no-store");
      const forged = await client.fetch(`/shop${path}`, { method: "DELETE", site: "cross-site" });
      expect([forged.status, forged.json()]).toEqual([403, { errorType: "Forbidden", reason: "CrossOrigin" }]);
      const load = await stranger().fetch(`/shop${path}?of=1`, { navigate: true });
      expect([load.status, load.headers.location]).toEqual([302, loginOf("", `${path}?of=1`)]);
      await sidecar.run("InvalidateAllSessionsForUser", { userId });
      const ended = await client.fetch(`/shop${path}`);
      expect([ended.status, ended.json()]).toMatchObject([401, { reason: "Revoked" }]);
      expect(ended.setCookies).toEqual([expect.stringContaining("Max-Age=0")]);
    });

    it("asks for tags, answers what an action throws, and logs out", async () => {
      const { client } = await loggedIn();
      const admin = await client.fetch("/shop/api/admin");
      expect([admin.status, admin.json()]).toEqual([403, { errorType: "Forbidden", reason: "MissingRequiredTag" }]);
      const foreign = await client.fetch("/shop/api/rename", { method: "POST" });
      expect([foreign.status, foreign.json()]).toMatchObject([404, { reason: "SessionNotFound" }]);
      const out = await client.fetch("/shop/api/logout", { method: "POST" });
      expect([out.status, await client.cookie(COOKIE)]).toEqual([204, undefined]);
      const { client: manager } = await loggedIn({ tags: ["role:admin"] });
      expect((await manager.fetch("/shop/api/admin")).status).toBe(200);
    });

    it.each(["/api/me", "/api/outside/me"])(
      "%s keeps every cache from an answer that sets the cookie",
      async (path) => {
        const { client } = await loggedIn();
        expect((await client.fetch(`/shop${path}`)).headers["cache-control"]).toContain("public");
        await sidecar.advance(INTERVAL_SECS + 1);
        const before = await client.cookie(COOKIE);
        const rotating = await client.fetch(`/shop${path}`);
        expect(rotating.setCookies).toEqual([expect.stringContaining(COOKIE)]);
        expect(rotating.headers["cache-control"]).toBe("private, no-store");
        expect(await client.cookie(COOKIE)).not.toBe(before);
      },
    );

    it.each(["/api/slow", "/api/outside/slow"])(
      "%s leaves no session to a client that goes before the answer",
      async (path) => {
        const userId = `impatient at ${path}`;
        const count = async () => (await sidecar.run("FetchAllSessionsForUser", { userId })).sessions.length;
        const target = new URL(`/shop${path}?${new URLSearchParams({ user: userId })}`, app.url);
        const sent = request(target, { method: "POST" }).on("error", () => undefined);
        sent.end();
        await expect.poll(count).toBe(1);
        sent.destroy();
        await expect.poll(count).toBe(0);
      },
    );

    it("serves the ready-made routes, by the proxy and by a file of its own", async () => {
      for (const prefix of ["/shop/session", "/shop/api/outside/session"]) {
        const { client, userId } = await loggedIn();
        expect((await client.fetch(prefix)).json()).toMatchObject({ session: { userId } });
        expect((await client.fetch(`${prefix}/logout`, { method: "POST" })).status).toBe(204);
        expect((await client.fetch(prefix)).json()).toEqual({ session: null, reason: "NoSession" });
      }
    });

    it.each(["/api/me", "/api/outside/me"])(
      "%s takes a proof for the address that the browser has asked for",
      async (path) => {
        const client = stranger();
        const { deviceChallenge: challenge } = (await client.fetch("/shop/session/challenge")).json<Challenge>();
        const key = createDeviceKey();
        const prove = (to: string, method = "GET") => ({ dpop: key.prove({ challenge, url: app.url + to, method }) });
        await client.fetch("/shop/api/login", { json: { userId: "bound" }, headers: prove("/shop/api/login", "POST") });
        expect((await client.fetch(`/shop${path}`)).status).toBe(401);
        expect((await client.fetch(`/shop${path}`, { headers: prove(path) })).status).toBe(401);
        expect((await client.fetch(`/shop${path}`, { headers: prove(`/shop${path}`) })).status).toBe(200);
      },
    );
  });

  it("takes a proof for the address by which Next's router asks for the data of a page", async () => {
    const client = stranger();
    const { deviceChallenge: challenge } = (await client.fetch("/shop/session/challenge")).json<Challenge>();
    const key = createDeviceKey();
    const prove = (to: string, method = "GET") => ({ dpop: key.prove({ challenge, url: app.url + to, method }) });
    await client.fetch("/shop/api/login", { json: { userId: "bound" }, headers: prove("/shop/api/login", "POST") });
    const path = `${data}/en/account.json`;
    const { status, text } = await client.fetch(path, { headers: { "x-nextjs-data": "1", ...prove(path) } });
    expect([status, text.includes('"deviceEvidence":"proof"')]).toEqual([200, true]);
  });

  describe("the first screen", () => {
    it("knows a page by its path without `basePath` and locale", async () => {
      for (const [language, path] of [
        ["", "/shop/screened"],
        ["/de", "/shop/de/screened"],
      ]) {
        const { status, headers } = await stranger().fetch(String(path), { navigate: true });
        expect([status, headers.location]).toEqual([302, loginOf(String(language), "/screened")]);
      }
    });
  });

  it.each([...PAGES, "/api/me", "/api/outside/me"])("no header of a client opens the guard of %s", async (path) => {
    for (const [name, values] of HOSTILE_HEADERS) {
      for (const value of values) {
        const headers = { [name]: value };
        const answers = [await stranger().fetch(`/shop${path}`, { headers })];
        if (!path.startsWith("/api")) {
          answers.push(
            await stranger().fetch(`${data}/en${path}.json`, { headers: { "x-nextjs-data": "1", ...headers } }),
          );
        }
        for (const { text } of answers) expect([headers, text.includes("secret")]).toEqual([headers, false]);
      }
    }
  });

  it("a static page is nobody's business: it is there while the sidecar is away, and so is its data", async () => {
    const lonely = await startNextApp(folder, {
      BYO_URL: "http://127.0.0.1:9",
      BYO_INTEGRATION_KEY: sidecar.integrationKey,
    });
    const client = createBrowserClient(lonely.url);
    expect((await client.fetch("/shop", { navigate: true })).status).toBe(200);
    const cookie = `${COOKIE}=${await (await loggedIn()).client.cookie(COOKIE)}`;
    const { status, json } = await client.fetch("/shop/api/outside/me", { headers: { cookie } });
    expect([status, json()]).toMatchObject([503, { reason: "SidecarUnavailable" }]);
    expect((await client.fetch("/shop/outside/account", { navigate: true, headers: { cookie } })).status).toBe(503);
  });

  /** A login that is bound to a device, and a browser that has the cookie but proves nothing. */
  async function withoutProof(): Promise<BrowserClient> {
    const { deviceChallenge: challenge } = (await stranger().fetch("/shop/session/challenge")).json<Challenge>();
    const url = `${app.url}/shop/api/login`;
    const { client } = await loggedIn({}, { dpop: createDeviceKey().prove({ challenge, url, method: "POST" }) });
    return client;
  }

  function loginOf(language: string, path: string): string {
    return `/shop${language}/login?returnTo=${encodeURIComponent(path)}`;
  }
}
