import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSessionStore, type SessionStore } from "../src/session/session-store.ts";
import type { ClientSession } from "../src/session/state.ts";

/** A server that answers when the test says so; Chromium tests the store in a real browser. */
const requests: { what: string; response: ServerResponse; isGone: boolean }[] = [];
const server = createServer((request, response) => {
  const entry = { what: `${request.method} ${request.url}`, response, isGone: false };
  response.on("close", () => {
    entry.isGone = !response.writableFinished;
  });
  requests.push(entry);
});

let prefix = "";
let round = 0;
const stops: (() => void)[] = [];
beforeEach(async () => {
  requests.length = 0;
  round += 1;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  prefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}/session`;
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

function sessionOf(userId: string): ClientSession {
  const times = { createdAt: 1, expiresAt: 2, authenticatedAt: 1 };
  const device = { hasDeviceRegistered: false, deviceEvidence: "none" } as const;
  return { sessionId: `id of ${userId} in ${round}`, userId, ...times, tags: [], ...device };
}

function start(given?: ClientSession | null): SessionStore {
  const store = createSessionStore(prefix, given);
  stops.push(store.start());
  return store;
}

async function requestNumber(index: number): Promise<(typeof requests)[number]> {
  await expect.poll(() => requests.length).toBeGreaterThan(index);
  const request = requests[index];
  if (!request) throw new Error("the poll above has waited for it");
  return request;
}

async function answer(index: number, body: unknown, status = 200): Promise<void> {
  const { response } = await requestNumber(index);
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

describe("what is asked", () => {
  it("uses the newest answer, whichever arrives first, for all callers", async () => {
    const store = start(sessionOf("ada"));
    const first = store.refresh();
    await requestNumber(0);
    const second = store.refresh();
    await answer(1, { session: sessionOf("grace") });
    expect((await second).session?.userId).toBe("grace");
    expect((await first).session?.userId).toBe("grace");
    await expect.poll(() => requests[0]?.isGone).toBe(true);
  });

  it("does not let an answer from before the logout bring the session back", async () => {
    const store = start(sessionOf("ada"));
    const asked = store.refresh();
    await requestNumber(0);
    const loggedOut = store.logout();
    await answer(1, undefined, 200);
    await loggedOut;
    await answer(0, { session: sessionOf("ada") });
    expect(await asked).toEqual({ status: "anonymous", session: null, reason: "LoggedOut" });
    expect(requests.map(({ what }) => what)).toEqual(["GET /session", "POST /session/logout"]);
  });

  it("ends with the page: no listener is called after that", async () => {
    const store = createSessionStore(prefix, undefined);
    const stop = store.start();
    const heard = vi.fn();
    store.subscribe(heard);
    const { response } = await requestNumber(0);
    stop();
    await once(response, "close");
    expect(store.current().status).toBe("loading");
    expect(heard).not.toHaveBeenCalled();
  });

  it("asks with a trailing slash if the prefix has one", async () => {
    prefix += "/";
    const store = start(sessionOf("ada"));
    void store.refresh();
    void store.logout();
    await requestNumber(1);
    expect(requests.map(({ what }) => what)).toEqual(["GET /session/", "POST /session/logout/"]);
    await answer(0, {});
    await answer(1, {});
  });
});

describe("an answer", () => {
  it.each([
    [401, { errorType: "Unauthorized", reason: "DeviceVerificationRequired" }],
    [403, { errorType: "Forbidden", reason: "IpAddressError" }],
  ])("of %i with a reason is the server's word: no session", async (status, body) => {
    const store = start(sessionOf("ada"));
    const asked = store.refresh();
    await answer(0, body, status);
    expect(await asked).toEqual({ status: "anonymous", session: null, reason: body.reason });
  });

  it.each([
    ["of the proxy in front", 401, "Basic"],
    ["of a gateway in front", 403, { reason: "blocked" }],
    ["of another server", 200, { name: "shop" }],
    ["with half of a session", 200, { session: { userId: "ada" } }],
    ["of a server without the routes", 404, {}],
    ["that asks for a proof again", 425, { errorType: "NewDeviceChallengeRequired", reason: "x" }],
  ])("%s says nothing of the session", async (_whose, status, body) => {
    const store = start(sessionOf("ada"));
    const asked = store.refresh();
    await answer(0, body, status);
    expect(await asked).toMatchObject({
      status: "authenticated",
      session: { userId: "ada" },
      error: { code: "ERR_UNEXPECTED_ANSWER", status },
    });
  });

  it("of 500 and above, or none, keeps the known state, even an ended session; the next answer clears the error", async () => {
    const store = start(null);
    const asked = store.refresh();
    await answer(0, {}, 502);
    expect(await asked).toMatchObject({ status: "anonymous", error: { code: "ERR_UNAVAILABLE", status: 502 } });
    const cut = store.refresh();
    (await requestNumber(1)).response.destroy();
    expect(await cut).toMatchObject({ status: "anonymous", error: { code: "ERR_UNAVAILABLE", status: undefined } });
    const again = store.refresh();
    await answer(2, { session: sessionOf("ada") });
    expect(await again).toEqual({ status: "authenticated", session: sessionOf("ada") });
  });

  it("that is equal gives the same object, so that nothing renders again", async () => {
    const store = start(sessionOf("ada"));
    const before = store.current().session;
    const asked = store.refresh();
    await answer(0, { session: sessionOf("ada") });
    expect((await asked).session).toBe(before);
  });
});

describe("what the server's page gives later", () => {
  it("replaces the known state and a pending question; said twice it counts once", async () => {
    const store = start(sessionOf("ada"));
    const asked = store.refresh();
    await requestNumber(0);
    store.give(sessionOf("grace"));
    expect((await asked).session?.userId).toBe("grace");
    const heard = vi.fn();
    store.subscribe(heard);
    store.give(sessionOf("grace"));
    store.give(undefined);
    expect(heard).not.toHaveBeenCalled();
  });

  it("is checked with the server if it is about a session that has ended", async () => {
    const store = start(sessionOf("lin"));
    const loggedOut = store.logout();
    await answer(0, undefined);
    await loggedOut;
    const later = createSessionStore(prefix, sessionOf("lin"));
    expect(later.initial().status).toBe("authenticated");
    expect(later.current().status).toBe("loading");
    store.give(null);
    store.give(sessionOf("lin"));
    expect(store.current().status).toBe("loading");
    await answer(1, { session: null, reason: "NoSession" });
    await expect.poll(() => store.current().status).toBe("anonymous");
  });

  it("is known to be over even if the page was unsure in between", async () => {
    const store = start(sessionOf("ada"));
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect(store.current().status).toBe("loading");
    await answer(0, { session: null, reason: "Expired" });
    await expect.poll(() => store.current().reason).toBe("Expired");
    expect(createSessionStore(prefix, sessionOf("ada")).current().status).toBe("loading");
  });
});

describe("other tabs", () => {
  it("ask the server once and believe it; the reason is the reported one", async () => {
    const here = start(sessionOf("ada"));
    const others = [start(sessionOf("ada")), start(sessionOf("ada"))];
    const loggedOut = here.logout();
    await answer(0, undefined);
    await loggedOut;
    await answer(1, { session: null, reason: "NoSession" });
    await expect.poll(() => others.map(({ current }) => current().status)).toContain("anonymous");
    await answer(2, { session: null, reason: "NoSession" });
    for (const { current } of others) {
      await expect.poll(current).toEqual({ status: "anonymous", session: null, reason: "LoggedOut" });
    }
    await nothingMoreIsAsked(3);
  });

  it("hear about another session, and believe the server instead", async () => {
    const [here, there] = [start(null), start(null)];
    const asked = here.refresh();
    await answer(0, { session: sessionOf("ada") });
    await asked;
    await answer(1, { session: null, reason: "Expired" });
    await expect.poll(() => there.current().reason).toBe("Expired");
    expect(here.current().status).toBe("authenticated");
    await nothingMoreIsAsked(2);
  });

  it("may be of another program: what is no message is ignored, and a forged one decides nothing", async () => {
    const store = start(sessionOf("ada"));
    const forger = new BroadcastChannel(`byo-session ${prefix}`);
    const junk = [null, undefined, 1, "LoggedOut", [], {}, { sessionId: 1 }, { sessionId: { toString: "x" } }];
    for (const message of junk) forger.postMessage(message);
    await nothingMoreIsAsked(0);
    forger.postMessage({ sessionId: null, reason: { html: "<b>" } });
    await answer(0, { session: sessionOf("ada") });
    forger.postMessage({ sessionId: "another", reason: { html: "<b>" } });
    await answer(1, { session: null, reason: "NoSession" });
    await expect.poll(store.current).toEqual({ status: "anonymous", session: null, reason: "NoSession" });
    forger.close();
  });
});

async function nothingMoreIsAsked(count: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(requests).toHaveLength(count);
}
