import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type BrowserAnswer, type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const HOST = "test/frameworks/next/host";
const HANDOVER_HEADER = "x-byo-session";
const COOKIE = "__Host-sessionToken";
const INTERVAL_SECS = 3600;
const GRACE_SECS = 60;

interface Shown {
  session: { userId: string; deviceEvidence: string } | null;
  different: number;
  ofNobody: number;
  login: [code: string, message: string];
  cookie: string;
  cookies: string;
  locale: string;
}

let app: NextApp;
let sidecar: TestSidecar;
beforeAll(async () => {
  [sidecar] = await Promise.all([startTestSidecar(), buildNextApp(HOST)]);
  app = await startNextApp(HOST, { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey });
});

let users = 0;

async function loggedIn(): Promise<{ client: BrowserClient; userId: string }> {
  const client = createBrowserClient(app.url);
  const userId = `next-${++users}`;
  expect((await client.fetch("/api/me", { json: { userId } })).status).toBe(200);
  return { client, userId };
}

/** What a page shows, read out of its HTML. */
function read<T>({ status, text }: BrowserAnswer): T {
  const [, json] = /<pre>([^<]+)<\/pre>/.exec(text) ?? [];
  if (json === undefined) throw new Error(`status ${status}, and the page shows nothing: ${text.slice(0, 300)}`);
  return JSON.parse(atob(json));
}

async function shown<T>(client: BrowserClient, path: string, headers: Record<string, string> = {}): Promise<T> {
  return read(await client.fetch(path, { navigate: true, headers }));
}

/** As Next's router asks for a page: it follows the redirect by which Next makes it name what it wants. */
async function byRouter(client: BrowserClient, path: string, headers: Record<string, string> = {}) {
  const asked = { headers: { rsc: "1", ...headers } };
  const answer = await client.fetch(path, asked);
  const { location } = answer.headers;
  return typeof location === "string" && location.includes("_rsc") ? client.fetch(location, asked) : answer;
}

async function callsDuring<T>(work: () => Promise<T>): Promise<[T, number]> {
  const count = async () => {
    const all = [...(await sidecar.metrics())].filter(([name]) =>
      name.startsWith("byo_command_duration_seconds_count"),
    );
    return all.reduce((sum, [, value]) => sum + value, 0);
  };
  const before = await count();
  const result = await work();
  return [result, (await count()) - before];
}

describe("a page of the Pages Router beside the App Router", () => {
  it.each(["/ledger", "/outside/ledger"])(
    "%s leads Next's router to the login, and from there back to the page",
    async (path) => {
      const client = createBrowserClient(app.url);
      const build = await readFile(`${HOST}/.next/BUILD_ID`, "utf8");
      const click = () => client.fetch(`/_next/data/${build}${path}.json?of=1`, { headers: { "x-nextjs-data": "1" } });
      const location = `/login?returnTo=${encodeURIComponent(`${path}?of=1`)}`;
      expect((await click()).json()).toMatchObject({ pageProps: { __N_REDIRECT: location } });
      expect((await client.fetch(`${path}?of=1`, { navigate: true })).headers.location).toBe(location);
      await client.fetch("/api/me", { json: { userId: "luca" } });
      expect((await click()).json()).toMatchObject({ pageProps: { session: { userId: "luca" } } });
      expect((await client.fetch(path, { navigate: true })).text).toContain("luca");
    },
  );
});

describe("a route handler", () => {
  it.each([
    ["/whoami", 307],
    ["nowhere", 404],
  ])("that logs in and answers by what Next throws for %s: the cookie is in that answer", async (to, status) => {
    const client = createBrowserClient(app.url);
    const userId = `gone to ${to}`;
    const answer = await client.fetch("/api/log-in-and-go", { json: { userId, to } });
    expect([answer.status, answer.headers.location]).toEqual([status, status === 307 ? to : undefined]);
    expect((await client.fetch("/api/me")).json()).toMatchObject({ session: { userId } });
  });

  it("that fails after a login: the cookie is in Next's own answer, and Next reports the error as it is", async () => {
    const client = createBrowserClient(app.url);
    const answer = await client.fetch("/api/log-in-and-go", { json: { userId: "unlucky", to: "pieces" } });
    expect([answer.status, answer.text, answer.headers["cache-control"]]).toEqual([500, "", "private, no-store"]);
    expect((await client.fetch("/api/me")).json()).toMatchObject({ session: { userId: "unlucky" } });
    expect(app.output().match(/a fault after the login of unlucky/g)).toHaveLength(1);
    expect(app.output()).not.toContain("failed to pipe");
  });
});

describe("a page", () => {
  it("asks for its session ten times, which with the proxy's call makes one", async () => {
    const { client, userId } = await loggedIn();
    const [page, calls] = await callsDuring(() => shown<Shown>(client, "/whoami"));
    expect(page).toMatchObject({ session: { userId }, different: 1 });
    expect(calls).toBe(1);
  });

  it("asks by itself where there is no proxy, once too, and gets no rotation that it could not pass on", async () => {
    const { client, userId } = await loggedIn();
    await sidecar.advance(INTERVAL_SECS + 1);
    const [page, calls] = await callsDuring(() => shown<Shown>(client, "/outside"));
    expect([page.session?.userId, calls]).toEqual([userId, 1]);
  });

  it("cannot log in, and says so before a session is made", async () => {
    const { client } = await loggedIn();
    const { login } = await shown<Shown>(client, "/whoami");
    expect(login).toEqual(["ERR_HEADERS_SENT", expect.stringContaining("in a server action or a route handler")]);
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "from-a-page" })).sessions).toEqual([]);
  });

  it('that is asked for its session inside of "use cache" explains itself', async () => {
    const { client } = await loggedIn();
    await client.fetch("/cached", { navigate: true });
    await expect.poll(app.output).toContain("a session was asked for inside of");
  });
});

describe("what is rendered ahead of a click", () => {
  /** With the part of the page that is the user's own. */
  const AHEAD = { "next-router-prefetch": "2" };

  it("has its session by one call, which it takes over from the proxy", async () => {
    const { client, userId } = await loggedIn();
    const redirected = await client.fetch("/mine?of=1", { headers: { rsc: "1", ...AHEAD } });
    const asked = () => client.fetch(String(redirected.headers.location), { headers: { rsc: "1", ...AHEAD } });
    const [{ status, text }, calls] = await callsDuring(asked);
    expect([status, calls]).toEqual([200, 1]);
    expect(atob(/"pre",null,\{"children":"([A-Za-z0-9+/=]+)"/.exec(text)?.[1] ?? "")).toContain(userId);
  });

  it("holds nothing that depends on a guard: what it says is said at the click", async () => {
    const { client } = await loggedIn();
    for (const browser of [createBrowserClient(app.url), client]) {
      const { status, text } = await byRouter(browser, "/guarded?of=1", AHEAD);
      expect([status, text.includes("Guarded")]).toEqual([200, true]);
      expect([text.includes("NEXT_REDIRECT"), text.includes('"pre"')]).toEqual([false, false]);
    }
  });
});

describe('in "use cache: private"', () => {
  it("a session can be read, by the call that is made anyway", async () => {
    const { client, userId } = await loggedIn();
    const [page, calls] = await callsDuring(() => shown<{ userId: string }>(client, "/mine"));
    expect([page.userId, calls]).toEqual([userId, 1]);
  });

  it("who has asked there first does not forget where the page was", async () => {
    const { text } = await createBrowserClient(app.url).fetch("/de/mine/then", { navigate: true });
    expect(text).toContain("returnTo=%2Fde%2Fmine%2Fthen");
  });

  it("a guard says where it belongs", async () => {
    const { client } = await loggedIn();
    const page = await shown<{ error: unknown }>(client, "/mine/guarded");
    expect(page.error).toEqual(["ERR_INSIDE_CACHE", expect.stringContaining("guard outside of it")]);
  });
});

describe("in after()", () => {
  const seen: unknown[] = [];
  const look = async () => seen.push(...(await createBrowserClient(app.url).fetch("/api/seen")).json<unknown[]>());

  it.each([
    ["page", "/afterwards", "GET"],
    ["handler", "/api/afterwards", "GET"],
    ["bare handler", "/api/afterwards", "POST"],
  ])("of a %s the session is there, and a login is refused", async (by, path, method) => {
    const { client, userId } = await loggedIn();
    const [, calls] = await callsDuring(async () => {
      await client.fetch(path, { method, navigate: method === "GET" });
      const refused = ["ERR_HEADERS_SENT", expect.any(String)];
      await expect.poll(look).toBe(1);
      expect(seen.pop()).toEqual({ by, userId, login: refused });
    });
    expect(calls).toBe(1);
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "afterwards" })).sessions).toEqual([]);
  });
});

describe("a request in which the token is rotated", () => {
  it("has the presented token in every place, and the successor in Set-Cookie only", async () => {
    const { client } = await loggedIn();
    const before = await client.cookie(COOKIE);
    await sidecar.advance(INTERVAL_SECS + 1);
    const page = await shown<Shown>(client, "/whoami");
    const after = await client.cookie(COOKIE);
    expect(after).not.toBe(before);
    expect([page.cookie, page.cookies].map((text) => text.includes(String(after)))).toEqual([false, false]);
    expect([page.cookie, page.cookies].map((text) => text.includes(String(before)))).toEqual([true, true]);
  });

  it("does no harm when a page forwards its cookies to its own API and its answer is lost", async () => {
    const { client, userId } = await loggedIn();
    await shown<Shown>(client, "/forward");
    await sidecar.advance(INTERVAL_SECS + 1);
    const lost = await client.fetch("/forward", { navigate: true, dropAnswer: true });
    expect(lost.setCookies.filter((line) => line.startsWith(COOKIE))).toHaveLength(1);
    await sidecar.advance(GRACE_SECS * 10);
    for (let i = 0; i < 2; i++) {
      // Node's own fetch counts as no user agent, not as another browser, which would end the session.
      expect(await shown<Shown>(client, "/forward")).toMatchObject({ session: { userId }, ofNobody: 401 });
    }
  });

  it("gives a page that is rendered ahead in part a cookie that no cache may keep", async () => {
    const { client } = await loggedIn();
    await sidecar.advance(INTERVAL_SECS + 1);
    const rotating = await client.fetch("/whoami", { navigate: true });
    expect(rotating.setCookies).toContainEqual(expect.stringContaining(COOKIE));
    expect(rotating.headers["cache-control"]).toBe("private, no-store");
  });

  it.each(["/static", "/de/static"])(
    "is not made where %s is the same for everybody, also behind another proxy that rewrites",
    async (path) => {
      const { client } = await loggedIn();
      await sidecar.advance(INTERVAL_SECS + 1);
      const [page, calls] = await callsDuring(() => client.fetch(path, { navigate: true }));
      expect(page.headers["cache-control"]).toContain("s-maxage");
      const ours = ({ setCookies }: BrowserAnswer) => setCookies.filter((line) => line.startsWith(COOKIE)).length;
      expect([page.status, ours(page), calls]).toEqual([200, 0, 0]);
      expect(ours(await client.fetch(path.replace("static", "whoami"), { navigate: true }))).toBe(1);
    },
  );

  it("is none when it is an action: Next itself follows its redirect, with the cookies of the response", async () => {
    const { client } = await loggedIn();
    await sidecar.advance(INTERVAL_SECS + 1);
    const action = await client.fetch("/whoami", { method: "POST", headers: { "next-action": "0".repeat(42) } });
    expect(action.setCookies).toEqual([]);
    expect((await client.fetch("/whoami")).setCookies).toHaveLength(1);
  });
});

describe("the hand-over", () => {
  async function handoverOf(client: BrowserClient): Promise<string> {
    const { text } = await client.fetch("/api/handover");
    expect(text).toMatch(/^[0-9a-f]{48}$/);
    return text;
  }

  it("counts for nothing when it is replayed to another path, also after a logout", async () => {
    const { client, userId } = await loggedIn();
    const cookie = `${COOKIE}=${await client.cookie(COOKIE)}`;
    const headers = { [HANDOVER_HEADER]: await handoverOf(client) };
    const [answer, calls] = await callsDuring(() => client.fetch("/outside/api", { headers }));
    expect([answer.json(), calls]).toMatchObject([{ session: { userId } }, 1]);

    await client.fetch("/session/logout", { method: "POST" });
    const stranger = createBrowserClient(app.url);
    for (const path of ["/outside/api", "/api/handover", "/api/me", "/session"]) {
      const { text } = await stranger.fetch(path, { headers: { ...headers, cookie } });
      expect(text).not.toContain(userId);
    }
    expect((await shown<Shown>(stranger, "/outside", { ...headers, cookie })).session).toBeNull();
  });

  it("is the proxy's own also when the request brings one along", async () => {
    const { client } = await loggedIn();
    const forged = { [HANDOVER_HEADER]: "Zm9yZ2Vk.Zm9yZ2Vk" };
    const { text } = await client.fetch("/api/handover", { headers: forged });
    expect(text).not.toContain("Zm9yZ2Vk");
    expect((await shown<Shown>(createBrowserClient(app.url), "/whoami", forged)).session).toBeNull();
  });

  it("holds nothing of a session, however long that is", async () => {
    const client = createBrowserClient(app.url);
    const metadata = { text: "x".repeat(4000) };
    await client.fetch("/api/me", { json: { userId: "long", metadata } });
    await handoverOf(client);
    const [page, calls] = await callsDuring(() => shown<Shown>(client, "/whoami"));
    expect([page.session, calls]).toMatchObject([{ userId: "long", metadata }, 1]);
  });

  it("serves who is logged in also after a flood of requests that left theirs lying", async () => {
    const { client, userId } = await loggedIn();
    for (let i = 0; i < 40; i++) {
      await Promise.all(Array.from({ length: 30 }, () => createBrowserClient(app.url).fetch("/api/handover")));
    }
    const [page, calls] = await callsDuring(() => shown<Shown>(client, "/whoami"));
    expect([page.session?.userId, calls]).toEqual([userId, 1]);
  });
});

describe("together with next-intl", () => {
  it("the page sees what both say of the request, and both cookies arrive", async () => {
    const { client, userId } = await loggedIn();
    await sidecar.advance(INTERVAL_SECS + 1);
    const answer = await client.fetch("/de/whoami", { navigate: true });
    const names = answer.setCookies.map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["NEXT_LOCALE", COOKIE]);
    const page = read<Shown>(answer);
    expect(page).toMatchObject({ session: { userId }, locale: "de" });
    expect(page.cookies).toContain("NEXT_LOCALE=de");
    expect(page.cookies).not.toContain(await client.cookie(COOKIE));
  });

  it("a path that next-intl rewrites is the same request", async () => {
    const { client, userId } = await loggedIn();
    const [page, calls] = await callsDuring(() => shown<Shown>(client, "/whoami?of=1"));
    expect([page.locale, page.session?.userId, calls]).toEqual(["en", userId, 1]);
  });

  it("a protected page is guarded before next-intl runs", async () => {
    const answer = await createBrowserClient(app.url).fetch("/de/whoami/private", { navigate: true });
    expect([answer.status, answer.headers.location]).toEqual([302, "/login?returnTo=%2Fde%2Fwhoami%2Fprivate"]);
  });
});

describe("ready-made routes and requests from other sites", () => {
  it("serves the routes from a route file as other hosts do", async () => {
    const { client, userId } = await loggedIn();
    expect((await client.fetch("/session")).json()).toMatchObject({ session: { userId } });
    expect((await client.fetch("/session/list")).json<{ sessions: unknown[] }>().sessions).toHaveLength(1);
    expect((await client.fetch("/session/logout", { method: "POST" })).status).toBe(204);
    expect((await client.fetch("/session")).json()).toEqual({ session: null, reason: "NoSession" });
  });

  it("refuses a change from another site, with the proxy and without, and an action too", async () => {
    const { client } = await loggedIn();
    for (const path of ["/api/me", "/outside/api", "/session/logout"]) {
      const refused = await client.fetch(path, { method: "POST", site: "cross-site" });
      expect([refused.status, refused.json()]).toEqual([403, { errorType: "Forbidden", reason: "CrossOrigin" }]);
    }
    const headers = { "next-action": "0".repeat(42) };
    expect((await client.fetch("/whoami", { method: "POST", site: "cross-site", headers })).status).toBe(403);
  });

  it("says once that no client address is passed", async () => {
    expect(app.output().match(/Next does not tell the client's address/g)).toHaveLength(1);
  });
});
